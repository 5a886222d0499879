import { findCommands } from "../../../lib/base/show/command_text.ts";
import { assertEquals } from "../../support/assert.ts";

/** A sentence with its commands between `[` and `]`. */
const SENTENCES = [
  "[sopsmith updatekeys secrets/db.yaml]",
  "[sopsmith updatekeys a b c]   [# then the other 3]",
  "[mkdir -p secrets && sopsmith edit secrets/first.yaml]",
  "re-write it with: [sopsmith identity import a --to b]",
  "for sops itself: [export SOPS_AGE_KEY_CMD='sopsmith identity export --vault x; y, z']",
  "pass the public half ([sopsmith identity public] prints it)",
  "[sopsmith rules explain] shows which path the rules are compared with",
  "unlock it with: [sopsmith identity unprotect ~/.config/keys.txt]; keygen adds to it as it is",
  "next time, pipe it: [sopsmith secret set A --stdin]",
  "make an ed25519 key: [ssh-keygen -t ed25519]",
  "other users can read keys.txt; keep them out with: [chmod 600 keys.txt]",
  "[git checkout -- a.yaml], or a backup",
  "decrypt it with: [age --decrypt -i IDENTITY recipients.txt]",
  "see why with: [SOPS_AGE_KEY_FILE=k sopsmith doctor 'a, b.yaml']",
  "git does not ignore keys.txt; add it to .gitignore before the next commit",
  "sops does not convert ssh keys by itself",
  "no rule matches: sops refuses to encrypt it",
  "the template needs x: sopsmith does not have the function",
  "the age of the key: age is no program here",
  "nothing else at all",
] as const;

/** Commands of prose that goes on behind them without a sign of its own: they are taken to reach to the next one. */
const LONGER: Readonly<Record<string, string>> = {
  "pass the public half ([sopsmith identity public] prints it)":
    "pass the public half ([sopsmith identity public prints it])",
  "[sopsmith rules explain] shows which path the rules are compared with":
    "[sopsmith rules explain shows which path the rules are compared with]",
};

Deno.test("findCommands() finds the command lines of a sentence, and takes no prose for one", () => {
  for (const sentence of SENTENCES) {
    const text = sentence.replace(/[[\]]/g, "");
    const found = findCommands(text).toReversed()
      .reduce(
        (marked, { start, end }) => `${marked.slice(0, start)}[${marked.slice(start, end)}]${marked.slice(end)}`,
        text,
      );
    assertEquals(found, LONGER[sentence] ?? sentence);
  }
});
