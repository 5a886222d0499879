/**
 * `set FILE PATH VALUE`: one value of an encrypted file, changed or added in place.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import { readCapped, readStdinCapped } from "../../base/files/read_files.ts";
import { decodeGivenText } from "../../base/utf8.ts";
import type { Host } from "../../base/host/host.ts";
import type { Session } from "../../base/show/session.ts";
import { parseNewValue, setValue } from "../../sops/mod.ts";
import { type OpeningFlags, openingOf } from "./opening.ts";
import { changeExistingFile, findTarget, type TypeFlags } from "./target.ts";
import { parseValuePath } from "./value_path.ts";

/** Largest value that is read, in bytes. */
const MAX_VALUE_BYTES = 64 * 1024 * 1024;

/** The flags of `set`. */
export interface SetFlags extends OpeningFlags, Pick<TypeFlags, "inputType" | "outputType"> {
  readonly valueFile?: boolean;
  readonly valueStdin?: boolean;
  readonly idempotent?: boolean;
  readonly dryRun?: boolean;
}

/**
 * Sets one value.
 *
 * @param args file, path, and the value unless it comes from standard input
 * @throws {UserError} as opening and writing do; `usage` for a value that is no JSON, which is not repeated
 */
export async function set(
  flags: SetFlags,
  [file, path = "", value]: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const target = findTarget(session, file, flags);
  const valuePath = parseValuePath(path);
  const hint = flags.valueStdin || flags.valueFile ? "text becomes JSON by: jq -Rs ." : undefined;
  const node = await parseNewValue(await readValue(host, value, flags), hint);
  const opening = openingOf(session, target, flags);
  const { isChanged } = await changeExistingFile(
    session,
    { target, dryRun: flags.dryRun, reason: "the new value" },
    (content) => setValue(content, { path: valuePath, value: node }, { ...opening, isIdempotent: flags.idempotent }),
  );
  if (!flags.dryRun) {
    report.done(isChanged ? `set ${path} in ${target.name}` : `${path} in ${target.name} has that value`);
  }
  return EXIT.done;
}

async function readValue(host: Host, value: string | undefined, flags: SetFlags): Promise<string> {
  if (flags.valueStdin && flags.valueFile) {
    throw new UserError("usage", "--value-stdin and --value-file contradict each other", {
      hints: ["pass one of them"],
    });
  }
  if (flags.valueStdin) {
    if (value !== undefined) throw new UserError("usage", "the argument VALUE and --value-stdin contradict each other");
    if (host.stdin.isTerminal) {
      throw new UserError("usage", "--value-stdin reads standard input, which is a terminal", {
        hints: ["pipe the value in, or pass --value-file"],
      });
    }
    return decodeGivenText(await readStdinCapped(host, { maxBytes: MAX_VALUE_BYTES }), "the value");
  }
  if (value === undefined) {
    throw new UserError("usage", "the argument VALUE is missing", {
      hints: [`pass JSON, such as '"text"', or --value-stdin`],
    });
  }
  if (!flags.valueFile) return value;
  const bytes = readCapped(host, host.paths.resolve(host.cwd, value), { maxBytes: MAX_VALUE_BYTES });
  if (bytes === undefined) throw new UserError("not-found", `cannot read "${value}": no such file`);
  return decodeGivenText(bytes, "the value");
}
