/** What protects a keys file on Windows is its access list: doctor reads it, or says where it could not. */
import { run } from "../../../main.ts";
import type { CommandResult } from "../../../lib/base/host/host.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { type FakeCommand, testHost } from "../../support/test_host.ts";

/** A test key. */
const KEYS_FILE = "AGE-SECRET-KEY-1LES6LSFL3E2CDLULD2670D046Q8TMG4FCYL8HFTQE3KC3E5EXT4SXY2NT2\n";

/** A person on Windows. */
const ME = "S-1-5-21-1004336348-1177238915-682003330-1001";

/** @param list what `icacls` saves of the file; absent: there is no such program, as under Wine */
async function doctorWith(name: string, list?: string): Promise<string> {
  const answer = (text: string): CommandResult => {
    return { code: 0, stdout: new TextEncoder().encode(text), stderr: new Uint8Array() };
  };
  const commands: Record<string, FakeCommand> = {};
  for (const folder of ["C:\\Windows\\System32\\", "C:\\Windows/System32/"]) { // by the rules of either system
    commands[`${folder}whoami.exe`] = () => list === undefined ? undefined : answer(`"PC\\me","${ME}"\r\n`);
    commands[`${folder}icacls.exe`] = ([, , file = ""]) => {
      const units = Uint16Array.from(`${name}\r\n${list}\r\n`.split(""), (unit) => unit.charCodeAt(0));
      Deno.writeFileSync(file, new Uint8Array(units.buffer));
      return answer("");
    };
  }
  await using host = await testHost({ files: { [name]: KEYS_FILE }, commands });
  if (Deno.build.os !== "windows") await Deno.chmod(host.path(name), 0o600); // Windows has no mode to judge
  const temporary = Deno.env.get("TEMP") ?? "/tmp";
  const env = {
    USERPROFILE: host.home,
    TEMP: temporary,
    AppData: host.path("~/.config"),
    SOPS_AGE_KEY_FILE: host.path(name),
  };
  const windows = Object.assign(host, {
    os: "windows" as const,
    env: (variable: string): string | undefined => (env as Readonly<Record<string, string>>)[variable],
  });
  assertEquals(await run(["doctor"], windows), 0);
  return host.written("stdout").replace(/\s+/g, " ");
}

Deno.test("doctor on Windows shows the access list of a keys file outside of the profile folder, and speaks of no mode", async () => {
  const outside = await doctorWith("keys.txt");
  assert(outside.includes('who can read "keys.txt" was not checked: it lies outside of your profile folder'), outside);
  assert(outside.includes("next: icacls "), outside);
  const inside = await doctorWith("~/keys.txt");
  assert(!/was not checked|icacls|chmod/.test(inside), inside);
});

Deno.test("doctor on Windows reads the access list of a keys file outside of the profile folder", async () => {
  const open = await doctorWith("keys.txt", `D:AI(A;ID;FA;;;SY)(A;ID;0x1200a9;;;BU)(A;ID;FA;;;${ME})`);
  assert(open.includes('warning: Users can read "keys.txt"'), open);
  assert(open.includes(`next: icacls keys.txt /inheritance:r /grant:r *${ME}:F /remove:g *S-1-5-32-545`), open);
  const closed = await doctorWith("keys.txt", `D:PAI(A;;FA;;;SY)(A;;FA;;;${ME})`);
  assert(!/can read|was not checked|icacls/.test(closed), closed);
});
