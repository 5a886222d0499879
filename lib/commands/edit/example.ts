/**
 * What stands in the editor when a new file is made. Pure data.
 *
 * @module
 */
import type { StoreFormat } from "../../sops/metadata/metadata.ts";

const EXAMPLES: Readonly<Record<StoreFormat, string>> = {
  yaml: `# Replace this by your own values: all of them will be encrypted, comments too.
hello: world
example:
  - a list
  - of values
password: |
  text over
  several lines
`,
  json: `{
	"hello": "world",
	"example": ["a list", "of values"]
}
`,
  dotenv: `# Replace this by your own values: all of them will be encrypted, comments too.
HELLO=world
`,
  ini: `; Replace this by your own values: all of them will be encrypted, comments too.
[example]
hello = world
`,
  binary: "Replace this by your own text: all of it will be encrypted.\n",
};

/** @returns a text that shows what a file of the format looks like */
export function exampleOf(format: StoreFormat): string {
  return EXAMPLES[format];
}
