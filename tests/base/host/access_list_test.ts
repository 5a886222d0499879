/** Access lists of Windows, in the form in which Microsoft describes them. */
import { parseOthers, readFileAccess } from "../../../lib/base/host/access_list.ts";
import { assertEquals } from "../../support/assert.ts";
import { type FakeCommand, testHost } from "../../support/test_host.ts";

const ME = "S-1-5-21-1004336348-1177238915-682003330-1001";
const OTHER = "S-1-5-21-1004336348-1177238915-682003330-1002";

/** Lists, and who can read by them besides the owner; undefined for what is left to the person. */
const LISTS: Readonly<Record<string, readonly string[] | undefined>> = {
  [`D:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;FA;;;${ME})`]: [], // what a profile folder hands down
  [`D:PAI(A;;FA;;;${ME})`]: [],
  "D:AI(A;ID;FA;;;BA)(A;ID;FA;;;SY)(A;ID;0x1200a9;;;BU)(A;ID;0x1301bf;;;AU)": ["Users", "Authenticated Users"], // C:\x
  [`D:(A;;FR;;;WD)(A;;FA;;;${ME})`]: ["Everyone"],
  [`D:(A;;FR;;;S-1-1-0)(A;;GR;;;WD)`]: ["Everyone"],
  [`D:(A;;FA;;;${OTHER})`]: [OTHER],
  "D:(A;;CCSWWPLORC;;;BU)": ["Users"],
  "D:(A;;WO;;;BU)": ["Users"], // who may take it over may read it then
  "D:(A;;FX;;;BU)(A;;0x100000;;;BU)": [], // to run it, and to wait for it
  "D:(A;OICIIO;FA;;;BU)(A;;FA;;;SY)": [], // for what is made below
  "D:(A;;FA;;;SY)S:(ML;;NW;;;ME)": [],
  "D:": [],
  "D:P": [],
  "D:NO_ACCESS_CONTROL": ["Everyone"],
  "D:PNO_ACCESS_CONTROL": ["Everyone"],
  "D:(D;;FR;;;WD)(A;;FA;;;SY)": undefined,
  "D:(XA;;FR;;;WD;(@User.a == 1))": undefined,
  "D:(OA;;FR;;;WD)": undefined,
  "D:(A;;FR;12345678-1234-1234-1234-123456789012;;WD)": undefined,
  "D:(A;;what;;;WD)": undefined,
  "D:(A;;FR;;;somebody)": undefined,
  "D:(A;;FR;;;": undefined,
  "O:SYG:SYD:(A;;FA;;;SY)": undefined,
  "keys.txt": undefined,
  "": undefined,
};

for (const [descriptor, expected] of Object.entries(LISTS)) {
  Deno.test(`parseOthers() reads ${descriptor === "" ? "nothing" : descriptor}`, () => {
    assertEquals(parseOthers(descriptor, ME)?.map(({ name }) => name), expected);
  });
}

function utf16(text: string): Uint8Array {
  return new Uint8Array(Uint16Array.from(text.split(""), (unit) => unit.charCodeAt(0)).buffer);
}

async function read(
  {
    env = {},
    whoami = `"PC\\me","${ME}"\r\n`,
    code = 0,
    list = `keys.txt\r\nD:AI(A;ID;0x1200a9;;;BU)(A;ID;FA;;;${ME})\r\n`,
  }: {
    env?: Record<string, string>;
    whoami?: string;
    code?: number;
    list?: string;
  },
): ReturnType<typeof readFileAccess> {
  const answer = (text: string, code: number): ReturnType<FakeCommand> => {
    return { code, stdout: new TextEncoder().encode(text), stderr: new Uint8Array() };
  };
  const icacls: FakeCommand = ([, save = "", file = "", quiet]) => {
    assertEquals([save, quiet], ["/save", "/q"]);
    Deno.writeFileSync(file, utf16(list));
    return answer("", code);
  };
  await using host = await testHost({
    files: { "keys.txt": "" },
    env: { SystemRoot: "C:\\Windows", TEMP: Deno.env.get("TEMP") ?? "/tmp", ...env },
    commands: {
      "C:\\Windows\\System32\\whoami.exe": () => answer(whoami, 0),
      "C:\\Windows\\System32\\icacls.exe": icacls,
      "C:\\Windows/System32/whoami.exe": () => answer(whoami, 0),
      "C:\\Windows/System32/icacls.exe": icacls,
    },
  });
  return await readFileAccess(Object.assign(host, { os: "windows" as const }), host.path("keys.txt"));
}

Deno.test("readFileAccess() reads what icacls saves, and nothing that it did not understand", async () => {
  assertEquals(await read({}), { person: ME, others: [{ sid: "S-1-5-32-545", name: "Users" }] });
  assertEquals(await read({ list: `\ufeffkeys.txt\r\nD:P(A;;FA;;;${ME})\r\n` }), { person: ME, others: [] });
  for (
    const odd of [{ code: 5 }, { list: "" }, { list: "keys.txt" }, { whoami: "PC\\me" }, { whoami: "" }, {
      env: { TEMP: "/no/such" },
    }]
  ) {
    assertEquals(await read(odd), undefined);
  }
  await using host = await testHost({ os: "linux", files: { "keys.txt": "" } });
  assertEquals(await readFileAccess(host, host.path("keys.txt")), undefined);
});
