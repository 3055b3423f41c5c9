/** The script by which a shell completes `sora`. It asks `sora complete` for candidates, names of services and actions among them. */
export function completionScript(shell: "bash" | "zsh" | "fish"): string {
  return scripts[shell];
}

// The shells hand over the words typed so far, the last one being the one to complete, and take one candidate a line: `name`, or `name<tab>what it is`.
const scripts = {
  bash: `# completion of sora for bash; put  eval "$(sora completion bash)"  into ~/.bashrc
_sora() {
  local candidate word count=0
  local words=()
  COMPREPLY=()
  # bash has taken addresses apart at their colons
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if (( count > 0 )) && [[ $word == :* || \${words[count-1]} == *: ]]; then
      words[count-1]+=$word
    else
      words[count]=$word
      count=$((count + 1))
    fi
  done
  while IFS= read -r candidate; do
    COMPREPLY+=("\${candidate%%$'\\t'*}")
  done < <(sora complete -- "\${words[@]}" 2>/dev/null)
}
complete -o default -F _sora sora
`,
  zsh: `#compdef sora
# completion of sora for zsh; put  eval "$(sora completion zsh)"  into ~/.zshrc, after compinit
_sora() {
  local -a candidates
  local line
  while IFS= read -r line; do
    candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <(sora complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#candidates} )); then
    _describe sora candidates -M 'm:{[:lower:][:upper:]}={[:upper:][:lower:]}'
  else
    _files
  fi
}
if [ "$funcstack[1]" = _sora ]; then _sora "$@"; else compdef _sora sora; fi
`,
  fish: `# completion of sora for fish; put it into ~/.config/fish/completions/sora.fish
complete -c sora -f -a '(sora complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
complete -c sora -n '__fish_seen_subcommand_from run dev' -F
`,
} as const;
