import { UserError } from "../../../lib/base/error.ts";
import { formatPath, Report, type ReportFormat } from "../../../lib/base/show/report.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { type TestHost, testHost, type TestHostOptions } from "../../support/test_host.ts";

const UTF8_TERMINAL: TestHostOptions = { terminal: ["stdout", "stderr"], env: { LANG: "en_US.UTF-8" }, os: "linux" };

/** Runs `tell` with a report. @returns what stood on both streams */
async function told(
  tell: (report: Report, host: TestHost) => void,
  options: TestHostOptions = {},
  format: ReportFormat = "text",
): Promise<{ stdout: string; stderr: string }> {
  await using host = await testHost(options);
  tell(new Report(host, format), host);
  return { stdout: host.written("stdout"), stderr: host.written("stderr") };
}

function tellEverything(report: Report): void {
  report.done("made it");
  report.detail("a detail");
  report.say("a line");
  report.next("sopsmith edit x");
  report.note("a note");
  report.warning("a warning");
  report.data("the data");
  report.json({ data: 1 });
}

Deno.test("Report puts data on stdout and all the rest on stderr", async () => {
  assertEquals(await told(tellEverything), {
    stdout: "the data\n",
    stderr: "ok made it\n  a detail\na line\nnext: sopsmith edit x\nnote: a note\nwarning: a warning\n",
  });
});

Deno.test("Report with --json puts exactly one JSON value on stdout, and people's lines on stderr", async () => {
  const { stdout, stderr } = await told(tellEverything, {}, "json");
  assertEquals(JSON.parse(stdout), { data: 1 });
  assertEquals(stderr, (await told(tellEverything)).stderr);
});

Deno.test("Report shows symbols only on a terminal whose locale is UTF-8", async () => {
  const head = async (options: TestHostOptions) =>
    (await told((report) => report.done("x"), { env: {}, ...options })).stderr.replaceAll(
      // deno-lint-ignore no-control-regex
      /\x1b\[[\d;]*m/g,
      "",
    );
  assertEquals(await head(UTF8_TERMINAL), "✓ x\n");
  assertEquals(await head({ ...UTF8_TERMINAL, terminal: [] }), "ok x\n");
  assertEquals(await head({ ...UTF8_TERMINAL, terminal: ["stdout"] }), "ok x\n");
  assertEquals(await head({ ...UTF8_TERMINAL, env: { LANG: "C" } }), "ok x\n");
  assertEquals(await head({ ...UTF8_TERMINAL, env: {} }), "ok x\n");
  assertEquals(await head({ ...UTF8_TERMINAL, env: { LANG: "en_US.UTF-8", LC_ALL: "C" } }), "ok x\n");
  assertEquals(await head({ ...UTF8_TERMINAL, env: { LANG: "C", LC_CTYPE: "C.utf8", LC_ALL: "" } }), "✓ x\n");
  assertEquals(await head({ ...UTF8_TERMINAL, env: {}, os: "darwin" }), "✓ x\n");
  assertEquals(await head({ ...UTF8_TERMINAL, env: {}, os: "windows" }), "ok x\n");
  assertEquals(await head({ ...UTF8_TERMINAL, env: { WT_SESSION: "1" }, os: "windows" }), "✓ x\n");
});

Deno.test("Report colours on a terminal, never with NO_COLOR, always with CLICOLOR_FORCE", async () => {
  const isColoured = async (terminal: "stderr"[], env: Record<string, string>) =>
    (await told((report) => report.note("x"), { terminal, env })).stderr === "\x1b[1;36mnote:\x1b[0m x\n";
  assertEquals(await isColoured(["stderr"], {}), true);
  assertEquals(await isColoured([], {}), false);
  assertEquals(await isColoured(["stderr"], { NO_COLOR: "1" }), false);
  assertEquals(await isColoured(["stderr"], { NO_COLOR: "" }), true);
  assertEquals(await isColoured(["stderr"], { TERM: "dumb" }), false);
  assertEquals(await isColoured([], { CLICOLOR_FORCE: "1" }), true);
  assertEquals(await isColoured([], { CLICOLOR_FORCE: "0" }), false);
  assertEquals(await isColoured([], { CLICOLOR_FORCE: "" }), false);
  assertEquals(await isColoured([], { CLICOLOR_FORCE: "1", NO_COLOR: "1" }), false);
});

const HOSTILE = "a\x1b[2Jb\rc\x07\x9b1m\u202ed\u2028\x7f";

Deno.test("Report makes control characters visible on stderr", async () => {
  const { stderr } = await told((report) => {
    report.say(HOSTILE);
    report.done(HOSTILE);
    report.detail("a\tb");
    report.error(new UserError("io", HOSTILE, { details: [HOSTILE], hints: [HOSTILE] }));
  }, { terminal: ["stderr"], env: { NO_COLOR: "1" } });
  const shown = "a\\u{1b}[2Jb\\u{d}c\\u{7}\\u{9b}1m\\u{202e}d\\u{2028}\\u{7f}";
  assertEquals(stderr, `${shown}\nok ${shown}\n  a  b\nerror: ${shown}\n  ${shown}\nhint: ${shown}\n`);
});

Deno.test("Report makes control characters of data visible on a terminal, and keeps them for a pipe", async () => {
  const tell = (report: Report): void => report.data("-a\tb\r\n+c\x1b");
  assertEquals((await told(tell, { terminal: ["stdout"] })).stdout, "-a  b\\u{d}\n+c\\u{1b}\n");
  assertEquals((await told(tell)).stdout, "-a\tb\r\n+c\x1b\n");
});

Deno.test("Report prints JSON without raw control characters, and with the same value", async () => {
  const { stdout } = await told((report) => report.json({ [HOSTILE]: HOSTILE }), {}, "json");
  // deno-lint-ignore no-control-regex
  assertEquals(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]/.test(stdout), false);
  assertEquals(JSON.parse(stdout), { [HOSTILE]: HOSTILE });
});

Deno.test("error() shows message, details and hints in this order", async () => {
  const error = new UserError("malformed", 'cannot read "x"', { details: ["one", "two"], hints: ["first", "second"] });
  assertEquals(await told((report) => report.error(error)), {
    stdout: "",
    stderr: 'error: cannot read "x"\n  one\n  two\nhint: first\nhint: second\n',
  });
});

Deno.test("error() with --json prints kind, message and hints, and the rest only where there is some", async () => {
  const bare = await told((report) => report.error(new UserError("usage", "no")), {}, "json");
  assertEquals(JSON.parse(bare.stdout), { error: { kind: "usage", message: "no", hints: [] } });
  const full = new UserError("io", "no", {
    hints: ["h"],
    details: ["d"],
    location: { path: "/a/b", line: 3, column: 4 },
    cause: new Error("secret inside"),
  });
  const { stdout, stderr } = await told((report) => report.error(full), {}, "json");
  assertEquals(JSON.parse(stdout), {
    error: {
      kind: "io",
      message: "no",
      hints: ["h"],
      details: ["d"],
      location: { path: "/a/b", line: 3, column: 4 },
    },
  });
  assertEquals(stderr, "error: no\n  d\nhint: h\n");
});

Deno.test("error() with --json does not fail when stdout does", async () => {
  await using host = await testHost();
  const error = new UserError("io", 'cannot write to "standard output"');
  const write = (): never => {
    throw error;
  };
  new Report({ ...host, stdout: { isTerminal: false, columns: undefined, write, writeBytes: write } }, "json").error(
    error,
  );
  assertEquals(host.written("stderr"), 'error: cannot write to "standard output"\n');
});

Deno.test("error() shortens quoted absolute paths everywhere but in the location", async () => {
  for (const format of ["text", "json"] as const) {
    await using host = await testHost();
    const [here, home] = [host.path("secrets/x.yaml"), host.path("~/.config/keys.txt")];
    new Report(host, format).error(
      new UserError("io", `cannot write "${here}": "${home}" is in the way, and "prod" and /etc/x and "/etc/y" too`, {
        details: [`see "${here}" and "secrets/.*"`],
        hints: [`remove "${home}"`, `it's ${here}`],
        location: { path: here },
      }),
    );
    const message = 'cannot write "secrets/x.yaml": "~/.config/keys.txt" is in the way, and "prod" and /etc/x and ' +
      '"/etc/y" too';
    const details = ['see "secrets/x.yaml" and "secrets/.*"'];
    const hints = ['remove "~/.config/keys.txt"', `it's ${here}`];
    assertEquals(
      host.written("stderr").replace(/\n {6,}/g, " "),
      `error: ${message}\n  ${details[0]}\nhint: ${hints[0]}\nhint: ${hints[1]}\n`,
    );
    if (format === "json") {
      const expected = { kind: "io", message, hints, details, location: { path: here } };
      assertEquals(JSON.parse(host.written("stdout")), { error: expected });
    }
  }
});

Deno.test("formatPath() takes the shortest of relative, below home, and absolute", async () => {
  await using host = await testHost({ os: "linux" });
  const at = (cwd: string, path: string, home = "/home/me"): string =>
    formatPath({ ...host, cwd, env: (name) => name === "HOME" ? home : undefined }, path);
  assertEquals(at("/home/me/src/app", "/home/me/src/app/.sops.yaml"), ".sops.yaml");
  assertEquals(at("/home/me/src/app", "/home/me/src/.sops.yaml"), "../.sops.yaml");
  assertEquals(at("/home/me/src/app", "/home/me/.config/sops/age/keys.txt"), "~/.config/sops/age/keys.txt");
  assertEquals(at("/home/me/src/app", "/home/me"), "~");
  assertEquals(at("/home/me", "/home/me"), ".");
  assertEquals(at("/home/me", "/home/me/x"), "x");
  assertEquals(at("/srv/a/b/c", "/etc/x"), "/etc/x");
  assertEquals(at("/srv/a/b/c", "/home/meow/x"), "/home/meow/x");
  assertEquals(at("/", "/etc/x"), "etc/x");
  assertEquals(at("/srv/a/b/c", "/x", "/"), "/x");
  assertEquals(at("/srv/a/b/c", "/home/me/x", "/home/me/"), "~/x");
  assertEquals(at("/srv/a/b/c", "/home/me/x", ""), "/home/me/x");
  assertEquals(at("/srv/a/b/c", "/home/me/x", "home/me"), "/home/me/x");
});

Deno.test("formatPath() follows the rules of Windows", async () => {
  await using host = await testHost({ os: "windows" });
  const env = (name: string): string | undefined => name === "USERPROFILE" ? "C:\\Users\\me" : undefined;
  const at = (cwd: string, path: string): string => formatPath({ ...host, cwd, env }, path);
  assertEquals(at("C:\\src\\app", "C:\\src\\app\\.sops.yaml"), ".sops.yaml");
  assertEquals(at("C:\\src\\app\\deep\\er", "C:\\Users\\me\\AppData\\keys.txt"), "~\\AppData\\keys.txt");
  assertEquals(at("C:\\src\\app", "D:\\x\\keys.txt"), "D:\\x\\keys.txt");
});

Deno.test("Report.json() prints what iterators give as arrays, in pieces, like arrays that are there", async () => {
  const items = Array.from(
    { length: 3000 },
    (_, i) => ({ path: `a "file"\n${i}`, list: [i, { a: null }], none: undefined }),
  );
  const print = async (value: unknown): Promise<{ text: string; pieceCount: number }> => {
    await using host = await testHost();
    new Report(host, "json").json(value);
    return { text: host.written("stdout"), pieceCount: host.output.length };
  };
  const counts = { none: undefined, counts: { a: [1] } };
  const whole = await print({ first: items, empty: [], ...counts, last: items.slice(0, 2) });
  const inPieces = await print({
    first: items.values(),
    empty: [].values(),
    ...counts,
    counts: { a: [1].values() },
    last: items.values().take(2),
  });
  assertEquals(inPieces.text, whole.text);
  assertEquals(JSON.parse(inPieces.text).first.length, items.length);
  assert(inPieces.pieceCount > whole.pieceCount + 2, `${inPieces.pieceCount} pieces`);
});
