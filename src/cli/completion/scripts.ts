/**
 * A script for each shell. It asks the program itself (`complete -- word…`, of which the last is not finished), whose answer has a line
 * for each word that may stand there, with a tab and its meaning, and ends with `:files`, `:directories` or `:nothing`. What was typed is
 * handed on as it is: a script that evaluated it would run `$(…)` on the Tab key.
 */
export const scripts = {
  // Bash ends words at "=" and ":" as well; what it replaces is the last piece. Version 3.2, as of macOS, has no compopt.
  bash: `_remotejob() {
  local rest=\${COMP_LINE:0:COMP_POINT} words=() values=() meanings=() piece='' line i cut
  for ((i = 0; i <= COMP_CWORD; i++)); do
    if ((i == 0)) || [[ $rest == [[:space:]]* ]]; then words+=(''); fi
    rest=\${rest#"\${rest%%[![:space:]]*}"}
    piece=\${COMP_WORDS[i]}
    if ((i == COMP_CWORD)); then piece=$rest; fi
    words[\${#words[@]}-1]+=$piece
    rest=\${rest#"$piece"}
  done
  if [[ $piece == [=:] ]]; then piece=''; fi
  cut=$((\${#words[\${#words[@]}-1]} - \${#piece}))
  while IFS= read -r line; do
    case $line in
      :files) ;;
      :directories) compopt -o dirnames +o default 2>/dev/null ;;
      :nothing) compopt +o default 2>/dev/null ;;
      *)
        line=\${line:cut}
        values+=("\${line%%$'\\t'*}")
        meanings+=("\${line/$'\\t'/   }")
        ;;
    esac
  done < <("\${1/#\\~\\//$HOME/}" complete -- "\${words[@]:1}" 2>/dev/null)
  COMPREPLY=("\${values[@]}")
  if ((\${#values[@]} == 1)) && [[ \${values[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
  # Listed, and not put into the line.
  if ((\${#values[@]} > 1)) && [[ $COMP_TYPE == 63 ]]; then COMPREPLY=("\${meanings[@]}"); fi
}
complete -o default -F _remotejob remotejob
`,
  zsh: `#compdef remotejob
_remotejob() {
  local -a lines shown
  local line
  lines=("\${(@f)$("\${(Q)words[1]/#\\~\\//$HOME/}" complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  case $lines[-1] in
    :files) [[ $PREFIX == -*=* ]] && compset -P 1 '*='; _files; return ;;
    :directories) [[ $PREFIX == -*=* ]] && compset -P 1 '*='; _files -/; return ;;
  esac
  for line in "\${(@)lines[1,-2]}"; do
    line=\${line//:/\\\\:}
    shown+=("\${line/$'\\t'/:}")
  done
  if (( $#shown == 1 )) && [[ \${shown[1]%%:*} == *= ]]; then _describe remotejob shown -S ''
  else _describe -V remotejob shown; fi
}
if [[ $funcstack[1] == _remotejob ]]; then _remotejob; else compdef _remotejob remotejob; fi
`,
  // Where the condition fails, fish completes the names of files by itself.
  fish: `function __remotejob_ask
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l answer ($words[1] complete -- $words[2..-1] "$word" 2>/dev/null)
    set -g __remotejob_answer $answer[1..-2]
    switch "$answer[-1]"
        case :files
            return 1
        case :directories
            set -l option (string match -r -- '^-[^=]*=' $word)
            set -g __remotejob_answer "$option"(__fish_complete_directories (string replace -- "$option" '' $word) '')
    end
    return 0
end
complete -c remotejob -n __remotejob_ask -f -a '$__remotejob_answer'
`,
} as const
