/**
 * The completion script of each shell. Small, and the same for every version: each asks the program itself what can stand
 * at the cursor (`answer.ts`), so that a script never lags behind. Pure data.
 *
 * @module
 */
import { COMPLETE_WORD, type Shell } from "./shell.ts";

/**
 * Bash cuts words at `=` and `:`, and what it replaces is the last piece only: the line tells which pieces are one word.
 * Version 3.2 (macOS) has no `compopt`: files are then offered wherever nothing else is.
 */
const BASH = `# sopsmith completion for bash
_sopsmith() {
  local line=\${COMP_LINE:0:COMP_POINT} rest piece before action candidate i
  local -a words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    rest=\${line#"\${line%%[![:space:]]*}"}
    piece=\${COMP_WORDS[i]}
    ((i < COMP_CWORD)) || piece=$rest
    if ((i > 0)) && [[ $rest == "$line" ]]; then
      words[\${#words[@]}-1]+=$piece
    else
      words+=("$piece")
    fi
    line=\${rest#"$piece"}
  done
  [[ $piece == *[!=:]* ]] || piece=
  before=\${words[\${#words[@]}-1]}
  before=\${before%"$piece"}
  COMPREPLY=()
  {
    IFS= read -r action
    while IFS= read -r candidate; do
      COMPREPLY+=("\${candidate#"$before"}")
    done
  } < <(command sopsmith ${COMPLETE_WORD} bash "\${words[@]:1}" 2>/dev/null)
  case $action in
    files) compopt -o default 2>/dev/null ;;
    folders) compopt -o dirnames 2>/dev/null ;;
    partial) compopt -o nospace 2>/dev/null ;;
  esac
}
if ((BASH_VERSINFO[0] < 4)); then
  complete -o default -F _sopsmith sopsmith
else
  complete -F _sopsmith sopsmith
fi
`;

const ZSH = `#compdef sopsmith
# sopsmith completion for zsh
_sopsmith() {
  local action
  local -a typed candidates
  ((CURRENT > 2)) && typed=("\${(@Q)words[2,CURRENT-1]}")
  candidates=("\${(@f)$(command sopsmith ${COMPLETE_WORD} zsh "\${(@)typed}" "\${(Q)PREFIX}" 2>/dev/null)}")
  action=$candidates[1]
  shift candidates
  case $action in
    files | folders)
      [[ $PREFIX == --*=* ]] && compset -P '*='
      if [[ $action == files ]]; then _files; else _files -/; fi
      ;;
    partial) _describe -t files file candidates -S '' ;;
    words) ((\${#candidates})) && _describe -t words word candidates ;;
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _sopsmith "$@"
else
  compdef _sopsmith sopsmith
fi
`;

/** Fish lists the files for any command that it knows nothing of. */
const FISH = `# sopsmith completion for fish
function __sopsmith_complete
  set -l typed (commandline -opc)
  set -l current (commandline -ct)
  set -l plain (string unescape -- "$current")
  set -l lines (command sopsmith ${COMPLETE_WORD} fish $typed[2..-1] "$plain" 2>/dev/null)
  switch "$lines[1]"
    case files
      complete -C"__sopsmith_files $current"
    case folders
      complete -C"__sopsmith_files $current" | string match -r '.*/$'
    case '*'
      printf '%s\\n' $lines[2..-1]
  end
end
complete -c sopsmith -f -a '(__sopsmith_complete)'
`;

/** PowerShell before 7.3 drops empty arguments: a dot before each word keeps them. Without a result it lists files. */
const POWERSHELL = `# sopsmith completion for PowerShell
Register-ArgumentCompleter -Native -CommandName sopsmith -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $typed = @($commandAst.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
    ForEach-Object {
      if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { ".$($_.Value)" }
      else { ".$($_.Extent.Text)" }
    })
  $lines = @(& sopsmith ${COMPLETE_WORD} powershell @typed ".$wordToComplete" 2>$null)
  foreach ($line in ($lines | Select-Object -Skip 1)) {
    $text, $description = $line.Split([char]9)
    if (-not $description) { $description = $text }
    $quoted = $text
    if ($text -match '[^\\w\\-./:=+~]') { $quoted = "'" + $text.Replace("'", "''") + "'" }
    [System.Management.Automation.CompletionResult]::new($quoted, $text, 'ParameterValue', $description)
  }
}
`;

/** The script of each shell, with a final newline. */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
  powershell: POWERSHELL,
};
