import { escapeControls, escapeJsonControls } from "../../../lib/base/show/terminal.ts";
import { assert, assertEquals } from "../../support/assert.ts";

Deno.test("escapeControls() keeps ordinary text of every script, and line feeds", () => {
  const text = "grün 鍵 🔑 e\u0301 ключ\nnext line";
  assertEquals(escapeControls(text), text);
});

Deno.test("escapeControls() leaves no C0, C1 or direction character", () => {
  for (let code = 0; code < 0x2100; code++) {
    const character = String.fromCharCode(code);
    const isControl = code !== 0x0a && /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(character);
    const shown = code === 0x09 ? "  " : `\\u{${code.toString(16)}}`;
    assertEquals(escapeControls(character), isControl ? shown : character, `U+${code.toString(16)}`);
  }
});

Deno.test("escapeJsonControls() keeps the value of JSON text", () => {
  const value = Array.from({ length: 0x2100 }, (_, code) => String.fromCharCode(code)).join("");
  const json = escapeJsonControls(JSON.stringify({ value }, undefined, 2));
  assertEquals(JSON.parse(json), { value });
  assert(!/[\p{Bidi_Control}\u2028\u2029]/u.test(json));
});
