/** The text form of an encrypted value. */
import { addEncoded, EncodedWriter, isEncodedComment } from "../../../lib/sops/engine/encoded_value.ts";
import { GcmBatch } from "../../../lib/sops/engine/gcm.ts";
import { assertEquals } from "../../support/assert.ts";

const TAG = "t5z2Z023Up0kxwCgw1gNxg==";
const GOOD = `ENC[AES256_GCM,data:oYyi,iv:MyID,tag:${TAG},type:str]`;

function typeOf(text: string): string | undefined {
  const batch = new GcmBatch();
  const type = addEncoded(text, batch);
  if (type === undefined) assertEquals([batch.data.length, batch.nonces.length, batch.tags.length], [0, 0, 0], text);
  return type;
}

Deno.test("addEncoded() reads what SOPS writes, and lets text behind it stand", () => {
  assertEquals(typeOf(GOOD), "str");
  assertEquals(typeOf(`${GOOD} trailing`), "str");
  assertEquals(typeOf(`${GOOD}\n]]`), "str");
  for (const type of ["int", "float", "bool", "time", "comment", "bytes"]) {
    assertEquals(typeOf(GOOD.replace("str", type)), type);
  }
});

Deno.test("addEncoded() refuses anything else, and adds nothing then", () => {
  const cases = [
    "",
    "hunter2",
    ` ${GOOD}`,
    GOOD.replace("AES256_GCM", "AES128_GCM"),
    GOOD.replace("oYyi", ""),
    GOOD.replace("MyID", ""),
    GOOD.replace("oYyi", "o_-i"),
    GOOD.replace(TAG, "MyID"),
    GOOD.replace("type:str", "type:foo"),
    GOOD.replace("type:str", "type:toString"),
    GOOD.replace("]", ""),
    `${GOOD}]`,
    GOOD.replace(",tag:", ",Tag:"),
    GOOD.replace(",type:str", ""),
    GOOD.replace("data:oYyi,iv:MyID", "iv:MyID,data:oYyi"),
    GOOD.replace(",type", "\n,type").replace("]", "\n]"),
  ];
  for (const text of cases) assertEquals(typeOf(text), undefined, text);
});

Deno.test("EncodedWriter writes what addEncoded() reads", () => {
  const batch = new GcmBatch();
  for (const text of [GOOD, GOOD.replace("oYyi", "AA==").replace("str", "int")]) {
    const places = [batch.data.length, batch.nonces.length, 0] as const;
    addEncoded(text, batch);
    batch.add(...places);
  }
  const writer = new EncodedWriter(10);
  writer.add({ batch, index: 1, type: "int" });
  writer.add({ batch, index: 0, type: "str" });
  assertEquals(writer.texts(), [GOOD.replace("oYyi", "AA==").replace("str", "int"), GOOD]);
});

Deno.test("isEncodedComment() tells an encrypted comment from other values", () => {
  assertEquals(isEncodedComment(GOOD.replace("str", "comment")), true);
  assertEquals([GOOD, "ENC[AES256_GCM,data:", "type:comment]", ""].some(isEncodedComment), false);
});
