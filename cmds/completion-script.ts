// The scripts that make a shell ask `tsns __complete`. Each line of the answer is a word, a tab and a description; the
// last line is ":words", ":files" or ":directories".

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

const bash = `# tsns completion for bash: source <(tsns completion bash)
_tsns() {
  local line=\${COMP_LINE:0:COMP_POINT} answer current kind=
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  current=\${words[-1]}
  # bash cuts words at = and : and wants only the piece behind the last one.
  local stem=\${current%"\${current##*[=:]}"}
  COMPREPLY=()
  while IFS= read -r answer; do
    case $answer in
      :*) kind=\${answer#:} ;;
      *) answer=\${answer%%$'\\t'*}; COMPREPLY+=("\${answer#"$stem"}") ;;
    esac
  done < <("\${words[0]}" __complete -- "\${words[@]:1}" 2>/dev/null)
  case $kind in
    files) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "\${current#"$stem"}") ;;
    directories) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "\${current#"$stem"}") ;;
  esac
}
complete -F _tsns tsns
`;

const zsh = `#compdef tsns
# tsns completion for zsh: source <(tsns completion zsh), or put it as _tsns into a directory of $fpath
_tsns() {
  local answer kind=
  local -a list
  while IFS= read -r answer; do
    case $answer in
      :*) kind=\${answer#:} ;;
      *) list+=("\${\${answer%%$'\\t'*}//:/\\\\:}:\${answer#*$'\\t'}") ;;
    esac
  done < <("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  case $kind in
    files) [[ $PREFIX == -*=* ]] && compset -P '*='; _files ;;
    directories) [[ $PREFIX == -*=* ]] && compset -P '*='; _files -/ ;;
    *) _describe -V tsns list ;;
  esac
}
if [ "$funcstack[1]" = _tsns ]; then _tsns "$@"; else compdef _tsns tsns; fi
`;

const fish = `# tsns completion for fish: tsns completion fish | source
function __tsns_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l lines ($words[1] __complete -- $words[2..-1] 2>/dev/null)
  switch "$lines[-1]"
    case ':files'
      __fish_complete_path (commandline -ct)
    case ':directories'
      __fish_complete_directories (commandline -ct) ''
    case '*'
      printf '%s\\n' $lines[1..-2]
  end
end
complete -c tsns -f -a '(__tsns_complete)'
`;

/** The script for a shell. */
export function completionScript(shell: Shell): string {
  return { bash, zsh, fish }[shell];
}
