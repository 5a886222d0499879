/**
 * A child for tests, the same on every system: `talk` answers each line, `tell` shows what it was given, `once` answers one
 * line and ends with 3, `copy` hands its input on, `flood` prints without end, `wait` ends when it is ended, `exit` at once.
 *
 * @module
 */
const [mode = "", ...rest] = Deno.args;
const encoder = new TextEncoder();

async function readLines(answer: (line: string) => boolean): Promise<void> {
  let open = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (open + text).split("\n");
    open = lines.pop() ?? "";
    if (!lines.every(answer)) return;
  }
}

function say(text: string): void {
  Deno.stdout.writeSync(encoder.encode(`${text}\n`));
}

function complain(text: string): void {
  Deno.stderr.writeSync(encoder.encode(`${text}\n`));
}

const MODES: Readonly<Record<string, () => unknown>> = {
  async talk() {
    await readLines((line) => {
      say(`got ${line}`);
      return true;
    });
    complain("end");
  },
  tell() {
    say([...rest, Deno.env.get("A"), Deno.env.has("USERNAME_OF_TEST") ? "known" : "unknown", Deno.cwd()].join("|"));
    complain("err");
    Deno.exit(3);
  },
  async once() {
    await readLines((line) => {
      say(`out ${line}`);
      return false;
    });
    complain("err");
    Deno.exit(3);
  },
  copy: () => Deno.stdin.readable.pipeTo(Deno.stdout.writable),
  flood() {
    while (true) say("0123456789");
  },
  wait: () => new Promise((resolve) => setTimeout(resolve, 60_000)),
  exit: () => Deno.exit(Number(rest[0])),
};

await MODES[mode]?.();
