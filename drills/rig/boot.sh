#!/bin/bash
# Boots one host of a rig: real systemd as PID 1 on a private copy of the root file system.
#   $1 the rig's folder    $2 the host's name    $3 cgroup version (1 or 2)    then: folders to keep visible
# Runs twice: first to enter the host's own control group, then again inside the new namespaces.
set -e
ROOT=$1 NAME=$2 CGROUPS=$3 DISK=$1/disks/$2

if [ -z "$INSIDE" ]; then
  for GROUP in "$ROOT/cgroups.$NAME"/*; do echo $$ > "$(readlink "$GROUP")/cgroup.procs"; done
  INSIDE=1 exec unshare --mount --propagation private --pid --fork --kill-child --uts --ipc --cgroup "$0" "$@"
fi
shift 3

# The whole root is an overlay: whatever is written in here lands on the host's own disk in the rig, nothing outside changes.
NEWROOT=$ROOT/roots/$NAME
mkdir -p "$NEWROOT"
mount -t overlay overlay -o "lowerdir=/,upperdir=$DISK/upper,workdir=$DISK/work" "$NEWROOT"
mount -t proc proc "$NEWROOT/proc"
mount --rbind /sys "$NEWROOT/sys"
umount -R "$NEWROOT/sys/fs/cgroup"
if [ "$CGROUPS" = 2 ]; then
  mount -t cgroup2 cgroup2 "$NEWROOT/sys/fs/cgroup"
else
  mount -t tmpfs tmpfs "$NEWROOT/sys/fs/cgroup"
  mkdir "$NEWROOT/sys/fs/cgroup/systemd"
  mount -t cgroup -o none,name=systemd cgroup "$NEWROOT/sys/fs/cgroup/systemd"
fi
mount -t tmpfs tmpfs "$NEWROOT/dev"
for NODE in null zero full random urandom tty; do touch "$NEWROOT/dev/$NODE"; mount --bind "/dev/$NODE" "$NEWROOT/dev/$NODE"; done
mkdir "$NEWROOT/dev/shm" "$NEWROOT/dev/pts"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$NEWROOT/dev/pts"
ln -s pts/ptmx "$NEWROOT/dev/ptmx"
ln -s /proc/self/fd "$NEWROOT/dev/fd"
ln -s null "$NEWROOT/dev/console"
mount -t tmpfs tmpfs "$NEWROOT/run"
mount -t tmpfs tmpfs "$NEWROOT/tmp"
# After the private folders, because what is kept may lie in one of them.
for KEEP in "$@"; do
  mkdir -p "$NEWROOT$KEEP"
  mount --bind -o ro "$KEEP" "$NEWROOT$KEEP"
done
# Backups lie beside the overlay, so that the spare host can be given them as its mount of this host's disk.
mkdir -p "$NEWROOT/var/backups/traderd"
mount --bind "$DISK/backups" "$NEWROOT/var/backups/traderd"
for OTHER in "$ROOT/disks"/*; do
  [ "$OTHER" = "$DISK" ] && continue
  mkdir -p "$NEWROOT/mnt/spare/${OTHER##*/}"
  mount --bind "$OTHER/backups" "$NEWROOT/mnt/spare/${OTHER##*/}"
done

# An ordinary unit pulls sysinit.target, and that the machine's own boot: tmpfiles, udev, fsck. None of it may run in here.
if [ ! -e "$DISK/installed" ]; then
  rm -rf "$NEWROOT"/{lib,etc}/systemd/system/*.target.wants "$NEWROOT"/{lib,etc}/systemd/system/*.target.requires
  rm -rf "$NEWROOT"/lib/systemd/system-generators/* "$NEWROOT"/etc/systemd/system-generators "$NEWROOT"/lib/systemd/system/*.timer "$NEWROOT"/etc/systemd/system/*
  rm -rf "$NEWROOT"/var/log/journal "$NEWROOT"/etc/ld.so.preload "$NEWROOT"/etc/cron*
  : > "$NEWROOT/etc/fstab"
  echo "$NAME" > "$NEWROOT/etc/hostname"
  tar -C "$ROOT/image/$NAME" -cf - . | tar -C "$NEWROOT" -xf - --no-same-owner
  touch "$DISK/installed"
fi
mkdir -p "$NEWROOT/run/systemd/journald.conf.d"
printf '[Journal]\nStorage=volatile\nReadKMsg=no\nRateLimitIntervalSec=0\n' > "$NEWROOT/run/systemd/journald.conf.d/rig.conf"
hostname "$NAME"
mkdir -p "$NEWROOT/mnt/old"
cd "$NEWROOT"
pivot_root . mnt/old
# The machine's own mounts, and with them its disk, are gone from here.
umount -l /mnt/old
exec env -i container=rig PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
  /lib/systemd/systemd --system --unit=rig.target --log-target=console --log-level=notice --show-status=false
