import { assertEquals } from "../../support/assert.ts";
import { hasListComment } from "../../../lib/sops/facts/list_comments.ts";

const COMMENT = "ENC[AES256_GCM,data:c2VjcmV0,iv:AAAA,tag:AAAA,type:comment]";
const TEXT = "ENC[AES256_GCM,data:c2VjcmV0,iv:AAAA,tag:AAAA,type:str]";

Deno.test("hasListComment() finds the comments that stand as items", () => {
  const cases: readonly (readonly [text: string, found: boolean])[] = [
    [`a:\n    - ${TEXT}\n    - ${COMMENT}\n`, true],
    [`a:\n    - - ${COMMENT}\n      - ${TEXT}\n`, true],
    [`a:\r\n    - ${COMMENT}\r\n`, true],
    [`a:\n    - ${TEXT}\n`, false],
    [`#${COMMENT}\na: ${TEXT} #${COMMENT}\n`, false],
    [`a:\n    - b: ${TEXT}\n      #${COMMENT}\n`, false],
    ["", false],
    ["\n".repeat(1_000_000), false],
    [`a:\n    - ${COMMENT}${" ".repeat(1_000_000)}x\n`, false],
  ];
  for (const [text, found] of cases) assertEquals(hasListComment(text), found, text.slice(0, 200));
});
