// The functions of sh that scripts of a container need, as no tool of util-linux does in one command what the native helper does: finding
// a place inside a new root, making bind targets, hiding and protecting trees. Text only.

/** What the scripts of a start and of an entry define first; `root` is the directory of the new root. */
export const functions = `# where path $1 of the new root lies: links are followed inside it
at() {
  rest=\${1#/} path='' links=0
  while [ -n "$rest" ]; do
    part=\${rest%%/*}
    case $rest in */*) rest=\${rest#*/} ;; *) rest='' ;; esac
    case $part in '' | .) continue ;; ..) path=\${path%/*}; continue ;; esac
    if [ -L "$root$path/$part" ] && [ $links -lt 40 ]; then
      links=$((links + 1)) target=$(readlink "$root$path/$part")
      case $target in /*) path='' ;; esac
      rest=$target\${rest:+/$rest}
    else
      path=$path/$part
    fi
  done
  printf %s "$root$path"
}
# $2 below the directory $1, if no link leads out of it
below() {
  base=$(realpath -e "$1") found=$(realpath -e "$1/$2")
  case $found in "$base"/*) printf %s "$found" ;; *) echo "$1/$2 leads out of $1" >&2; exit 1 ;; esac
}
# a target for a bind mount of $1: a directory or a file as that is
target() {
  if [ -d "$1" ]; then mkdir -p "$2"; elif [ ! -e "$2" ]; then mkdir -p "\${2%/*}"; : > "$2"; fi
  printf %s "$2"
}
# nothing can be read at $1 any more; what is not there needs no hiding
mask() {
  if [ -d "$1" ]; then mount -t tmpfs -o ro,nosuid,nodev,noexec,size=0,nr_inodes=1,mode=555 tmpfs "$1"
  elif [ -e "$1" ]; then mount --bind "$(null)" "$1"; fi
}
# the container's own /dev/null where it is one, else the host's
null() {
  own=$(at /dev/null)
  if [ ! -L "$own" ] && [ "$(stat -c %F:%t:%T "$own" 2>/dev/null)" = "character special file:1:3" ]; then echo "$own"; else echo /dev/null; fi
}
# $1 and what is mounted below it keep their options and get $2 as well
remount_tree() {
  findmnt -rno TARGET -R -M "$1" | while read -r mount; do
    mount=$(printf %b "$mount")
    own=$(findmnt -nrfo VFS-OPTIONS -M "$mount" | tr , '\\n' | grep -xE 'ro|nosuid|nodev|noexec|noatime|relatime' | paste -sd,)
    mount -o "remount,bind,$own,$2" "$mount"
  done
}
# $1 and what is mounted below it cannot be changed
readonly_tree() {
  [ -e "$1" ] || return 0
  mount --rbind "$1" "$1"
  remount_tree "$1" ro
}`;
