/** Words that are printed for people to type come out of their shell as they went in. */
import { quoteForShell, quotePathForShell } from "../../lib/base/shell_word.ts";
import { escapeControls } from "../../lib/base/show/terminal.ts";
import { assertEquals } from "../support/assert.ts";
import { peerTest } from "../support/peers.ts";

const WORDS = [
  "plain-word.yaml",
  "two words",
  "it's",
  '"quoted"',
  "$(touch pwned)",
  "`touch pwned`",
  "back\\slash\\n",
  "two\\\\and one\\",
  "before a quote\\'",
  "new\nline",
  'tab\tand 100 % \'s "q" \\033[31m',
  "esc\u{1b}[31mred",
  "\u202egnp.exe",
  "\u2028\u200f\u0085",
  "ünïcode 🔑",
  "*?[a]{b,c}~!#;&|<>",
  "",
];

for (const shell of ["sh", "bash", "zsh", "fish"]) {
  peerTest(`a word that is printed is the same word in ${shell}`, [shell], async () => {
    const line = `printf '<%s>' ${WORDS.map(quoteForShell).join(" ")}`;
    assertEquals(escapeControls(line), line, "nothing in it is changed when it is printed");
    const { stdout } = await new Deno.Command(shell, { args: ["-c", line] }).output();
    assertEquals(new TextDecoder().decode(stdout), WORDS.map((word) => `<${word}>`).join(""));
  });
}

Deno.test("quotePathForShell() lets no path be taken for a flag, and leaves the home folder to the shell", () => {
  assertEquals(["-rf", "~/a b", "~/c", "a/-b", "~d"].map(quotePathForShell), [
    "./-rf",
    "~/'a b'",
    "~/c",
    "a/-b",
    "'~d'",
  ]);
});
