/**
 * `encrypt [FILE]`: the file encrypted for the recipients of its rule, printed or written back.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { Session } from "../../base/show/session.ts";
import { chooseEncryption, type Encryption } from "../../repository/file/encryption.ts";
import { createSurroundings } from "../../repository/file/keys.ts";
import { encryptFile, type EncryptOptions, type EncryptResult } from "../../sops/mod.ts";
import { type EncryptionFlags, type LayoutFlags, parseEncryptionWish, parseLayout } from "./layout_flags.ts";
import { findTarget, type OutputFlags, produce, type TypeFlags } from "./target.ts";
import { type CommonFlags, reportWarnings } from "./report.ts";

/** The flags of `encrypt`. */
export interface EncryptFlags extends EncryptionFlags, LayoutFlags, OutputFlags, TypeFlags, CommonFlags {}

/**
 * Encrypts a file.
 *
 * @param args the file; none: standard input
 * @throws {UserError} `exists` for an encrypted file, `usage`, `malformed`, `unsupported`, `not-found`, `refused`
 */
export async function encrypt(flags: EncryptFlags, [file]: readonly string[], session: Session): Promise<number> {
  const { host, report } = session;
  const target = findTarget(session, file, flags);
  if (target.path === undefined && flags.filenameOverride === undefined) {
    throw new UserError(
      "usage",
      "--filename-override is missing: it says which rule and format count for standard input",
      {
        hints: ["pass --filename-override secrets/NAME.yaml"],
      },
    );
  }
  const layout = parseLayout(flags);
  const wish = { ...parseEncryptionWish(flags), format: target.inputFormat };
  const encryption = await chooseEncryption(host, target.namedPath, wish);
  if (encryption.config?.path === target.namedPath) {
    throw new UserError("refused", `cannot encrypt "${target.name}": its rules could not be read any more`, {
      hints: ["name the files that hold secrets"],
    });
  }
  if (flags.verbose) reportRule(session, encryption);
  const surroundings = createSurroundings(host);
  const outcome = await produce(session, { target, ...flags, reason: "the encrypted values" }, async (content) => {
    const result = await encryptFile(content, {
      ...surroundings,
      path: target.path ?? target.name,
      format: target.inputFormat,
      ...engineOptionsOf(encryption),
      ...(layout === undefined ? {} : { canonical: layout }),
      outputFormat: target.outputFormat,
    });
    return { bytes: result.bytes, outcome: result };
  });
  reportEncryption(session, encryption, { ...outcome, name: target.name });
  if (flags.inPlace && !flags.dryRun) report.done(`encrypted ${target.name}`);
  return EXIT.done;
}

/** @returns for whom and what, as the engine takes it */
export function engineOptionsOf(
  { groups, shamirThreshold, selectors, macOnlyEncrypted }: Encryption,
): Pick<EncryptOptions, "groups" | "shamirThreshold" | "selectors" | "macOnlyEncrypted"> {
  return {
    groups: groups.map((recipients) => ({ keys: recipients.map((text) => ({ type: "age", text })) })),
    shamirThreshold,
    selectors,
    macOnlyEncrypted,
  };
}

/** Says where the recipients come from. */
export function reportRule({ report }: Session, { config, rule }: Pick<Encryption, "config" | "rule">): void {
  if (config === undefined) return report.note("no .sops.yaml counts here");
  const which = rule === undefined ? "" : `, rule ${rule.index + 1} (${rule.pathRegex || "every file"})`;
  report.note(`"${config.path}"${which}`);
}

/** Says what a person may not have meant. */
export function reportEncryption(
  session: Session,
  { warnings, selectors }: Encryption,
  { encryptedCount, clearCount, warnings: ofFile, name }: EncryptResult & { readonly name: string },
): void {
  for (const warning of warnings) session.report.warning(warning);
  reportWarnings(session, ofFile, name);
  if (encryptedCount > 0 || clearCount === 0) return;
  const [[selector, text] = []] = Object.entries(selectors);
  session.report.warning(
    `nothing in ${name} is encrypted: ${selector} "${text}" selects none of its ${clearCount} values`,
  );
}
