import { UserError } from "../../../lib/base/error.ts";
import { Report } from "../../../lib/base/show/report.ts";
import { assertEquals } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";

Deno.test("Report.failure() writes the paths of a command as a shell takes them", async () => {
  await using host = await testHost();
  const hintFor = (path: string): string | undefined => {
    const hints = [`see why with: sopsmith doctor "${path}"`];
    return new Report(host).failure(new UserError("io", "failed", { hints })).hints[0];
  };
  assertEquals(hintFor(host.path("a.yaml")), "see why with: sopsmith doctor a.yaml");
  assertEquals(hintFor(host.path("it's $HOME.yaml")), `see why with: sopsmith doctor 'it'\\''s $HOME.yaml'`);
  assertEquals(hintFor(host.path("~/a b.yaml")), "see why with: sopsmith doctor ~/'a b.yaml'");
});

Deno.test("Report.typed() makes a command do the same where the person stands", async () => {
  await using host = await testHost();
  const report = new Report(host.in("my repo"), "text", host);
  const cases: readonly (readonly [text: string, typed: string])[] = [
    ["sopsmith keygen", "sopsmith -C 'my repo' keygen"],
    ["mkdir -p a && sopsmith edit a/b.yaml", "cd 'my repo' && mkdir -p a && sopsmith edit a/b.yaml"],
    ["chmod 600 keys.txt", "cd 'my repo' && chmod 600 keys.txt"],
    ["make one with: sopsmith keygen", "make one with: sopsmith -C 'my repo' keygen"],
    [
      "restore the file (git checkout -- a), then: sopsmith edit a",
      "restore the file (git -C 'my repo' checkout -- a), then: sopsmith -C 'my repo' edit a",
    ],
    ["export SOPS_AGE_KEY_FILE=/a", "export SOPS_AGE_KEY_FILE=/a"],
  ];
  for (const [text, typed] of cases) assertEquals(report.typed(text), typed);
  assertEquals(new Report(host).typed("sopsmith keygen"), "sopsmith keygen");
});
