import { columnsOf, cutMiddle, displayWidth, padToWidth } from "../../../lib/base/show/width.ts";
import { assertEquals } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";

Deno.test("displayWidth() counts columns of the terminal", () => {
  assertEquals(["", "abc", "鍵", "e\u0301", "🔑", "\u200b", "한글", "…"].map(displayWidth), [0, 3, 2, 1, 2, 0, 4, 1]);
});

Deno.test("padToWidth() and cutMiddle() make a text so wide", () => {
  assertEquals(padToWidth("鍵", 4), "鍵  ");
  assertEquals(cutMiddle("secrets/prod/db.yaml", 11), "secre….yaml");
  assertEquals(cutMiddle("short", 5), "short");
  assertEquals(displayWidth(cutMiddle("鍵鍵鍵鍵鍵鍵", 6)) <= 6, true);
});

Deno.test("columnsOf() takes COLUMNS, else the terminal, else 80; never less than 20, never more than 110", async () => {
  const columns = async (env: Record<string, string>, columns?: number): Promise<number> => {
    await using host = await testHost({ env, terminal: ["stdout"], ...(columns === undefined ? {} : { columns }) });
    return columnsOf(host, host.stdout);
  };
  assertEquals(await columns({}), 80);
  assertEquals(await columns({}, 100), 100);
  assertEquals(await columns({}, 300), 110);
  assertEquals(await columns({}, 3), 20);
  assertEquals(await columns({ COLUMNS: "90" }, 100), 90);
  for (const value of ["", "0", "-1", "many", "8.5"]) assertEquals(await columns({ COLUMNS: value }, 100), 100, value);
});
