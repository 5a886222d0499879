import { formatRuntimeLicenses } from "../../../scripts/bundle/runtime_licenses.ts";
import { assert } from "../../support/assert.ts";

Deno.test("formatRuntimeLicenses() names Deno, V8 and what they contain, each with its text", async () => {
  const text = await formatRuntimeLicenses({ deno: "2.9.6", v8: "15.0" });
  for (const part of ["Deno 2.9.6\n", "V8 15.0\n", "Node.js", "ICU", "the Deno authors", "V8 project authors"]) {
    assert(text.includes(part), part);
  }
  for (const words of ["Permission is hereby granted", "Redistributions in binary form", "Unicode, Inc."]) {
    assert(text.includes(words), words);
  }
});
