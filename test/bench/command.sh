#!/bin/sh
# The tsns command as the engines' benchmark calls it. Its images come as docker archives of one layer;
# while tsns has no `load`, that layer is imported. The container that writes 200 MB of lines keeps them all, as with
# the peers, whose logs have no limit unless asked: ours rotate. Everything else goes straight on.
case $1 in
load)
	"$TSNS_BENCH_COMMAND" load --help >/dev/null 2>&1 && exec "$TSNS_BENCH_COMMAND" "$@"
	manifest=$(tar -xOf "$3" manifest.json) || exit 1
	layer=$(printf %s "$manifest" | sed 's/.*"Layers": *\["\([^"]*\)".*/\1/')
	tag=$(printf %s "$manifest" | sed 's/.*"RepoTags": *\["\([^"]*\)".*/\1/')
	tar -xOf "$3" "$layer" | "$TSNS_BENCH_COMMAND" import - "$tag"
	;;
run)
	shift
	case "$*" in
	*"| head -c "*) exec "$TSNS_BENCH_COMMAND" run --log-opt max-size=-1 "$@" ;;
	*) exec "$TSNS_BENCH_COMMAND" run "$@" ;;
	esac
	;;
*) exec "$TSNS_BENCH_COMMAND" "$@" ;;
esac
