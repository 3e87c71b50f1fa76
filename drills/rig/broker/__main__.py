"""Started as `python -m drills.rig.broker HOST PORT CONTROL_SOCKET HEARTBEAT_SECONDS`.

Daemons and the command line speak to HOST:PORT, the rig to the control socket; both one JSON object a line.
"""

import asyncio
import sys

from drills.rig.broker.server import Broker

asyncio.run(Broker(float(sys.argv[4])).serve(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
