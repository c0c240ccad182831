# What the quickstart runs inside its container: a look around, from inside.
say() { printf '  %-14s %s\n' "$1" "$2"; }

say "host name" "$(hostname)"
say "process 1" "$(cat /proc/1/comm), which is this script: its own id is $$"
say "processes" "$(ls -d /proc/[0-9]* | wc -l) to be seen"
ip -brief -4 address show | while read -r link state address rest; do say "address" "$link $address"; done
ip -4 route show | while read -r route; do say "route" "$route"; done
for file in /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max; do
	[ -r "$file" ] && say "memory limit" "$(cat "$file") bytes"
done
echo "changed in a container" >>"$1"
say "changed file" "$1 now ends: $(tail -n 1 "$1")"

gateway=$(ip -4 route show default | sed -n 's/^default via \([0-9.]*\).*/\1/p')
if answer=$(ping -c 1 -W 10 "$gateway"); then
	say "gateway" "$(printf '%s\n' "$answer" | sed -n 2p)"
else
	say "gateway" "$gateway does not answer"
	exit 1
fi
