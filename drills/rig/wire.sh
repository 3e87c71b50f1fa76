#!/bin/bash
# PID 1 of a rig: a private network with a bridge, and the disks of its hosts. When it dies, everything in the rig dies with it.
#   $1 the rig's folder    $2 the Python to wait with    $3 size of one host's disk, in megabytes    then: NAME=ADDRESS for each host, NAME= for a disk without a host
set -e
ROOT=$1 PYTHON=$2 DISK_MB=$3
shift 3
mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
ip link set lo up
ip link add br0 type bridge
ip address add 192.0.2.1/24 dev br0
ip link set br0 up
for HOST in "$@"; do
  NAME=${HOST%%=*} ADDRESS=${HOST#*=}
  # A disk outlives its host's boots, as a real one does; each host has its own.
  mkdir -p "$ROOT/disks/$NAME"
  mount -t tmpfs -o "size=${DISK_MB}m" tmpfs "$ROOT/disks/$NAME"
  mkdir -p "$ROOT/disks/$NAME"/{upper,work,backups,journal}
  [ -n "$ADDRESS" ] || continue
  ip netns add "$NAME"
  ip link add "to-$NAME" type veth peer name eth0 netns "$NAME"
  ip link set "to-$NAME" master br0 up
  ip -n "$NAME" link set lo up
  ip -n "$NAME" address add "$ADDRESS/24" dev eth0
  ip -n "$NAME" link set eth0 up
done
touch "$ROOT/wire.up"
# Ignored SIGCHLD: the kernel reaps what is reparented to us.
exec "$PYTHON" -I -c 'import signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    signal.pause()'
