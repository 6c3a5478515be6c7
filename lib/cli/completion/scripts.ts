/**
 * The scripts that `dasy completion` prints. Each calls `dasy __complete SHELL -- WORDS…`, where the last word is the one
 * at the cursor. The answer has a candidate and its meaning per line, and the line ":files" to offer files.
 */
export const scripts = {
  bash: `# Completion of dasy for bash. In ~/.bashrc: source <(dasy completion bash)
_dasy() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" line
  [[ $cur == "=" ]] && cur=
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == ":files" ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do
        COMPREPLY+=("$line")
      done < <(compgen -f -- "$cur")
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <("\${COMP_WORDS[0]}" __complete bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _dasy dasy
`,
  zsh: `#compdef dasy
# Completion of dasy for zsh. In ~/.zshrc, after compinit: source <(dasy completion zsh)
_dasy() {
  local -a lines candidates
  local line files=
  lines=("\${(@f)$("\${words[1]}" __complete zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in $lines; do
    if [[ $line == ":files" ]]; then
      files=1
    else
      candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done
  (( $#candidates )) && _describe -V dasy candidates
  [[ -n $files ]] && _files
}
if [[ $funcstack[1] == _dasy ]]; then
  _dasy "$@"
else
  compdef _dasy dasy
fi
`,
  fish: `# Completion of dasy for fish: dasy completion fish > ~/.config/fish/completions/dasy.fish
function __dasy_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] __complete fish -- $words[2..-1] "$current" 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c dasy -f -a "(__dasy_complete)"
`,
} as const
