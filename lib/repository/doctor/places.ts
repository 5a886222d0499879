/**
 * Every place in which SOPS looks for identities, looked at as SOPS does it, in its order, with what is wrong there.
 *
 * Runs the commands that the variables name, as SOPS would. Shows no secret, asks for no passphrase, changes nothing. I/O
 * through the host. Spec: keys §2, sops-engine §2.3–2.5.
 *
 * @module
 */
import { InternalError } from "../../base/error.ts";
import { looksLikeIdentity, mentionsIdentity } from "../../base/identity_text.ts";
import { findRealPath } from "../../base/files/read_files.ts";
import { findHome } from "../../base/host/home.ts";
import type { FileInfo, Host } from "../../base/host/host.ts";
import { formatPath } from "../../base/show/report.ts";
import { formatList } from "../../base/show/word_list.ts";
import type { Secret } from "../../base/secret.ts";
import { findGitRoot } from "../../config/git_root.ts";
import { findUserConfigDir, type KeysPlace, keysPlaces, type KeysSource } from "../../keys/places/keys_path.ts";
import { askCommand } from "../../keys/places/key_command.ts";
import {
  isSshSource,
  type PlaceFound,
  readKeys,
  readPlaceFile,
  readSshKey,
  readVariable,
} from "../../keys/places/read_place.ts";
import { findLiteralMistake } from "../../keys/places/literal_path.ts";
import type { ExaminedPlace, Finding, LocalIdentity, Obstacle, PlaceContent, Repair } from "./finding.ts";
import { type DescribedIdentities, describeKeys, type IdentitySource } from "./identities.ts";
import { isOpenToOthers } from "../keygen/keys_place.ts";
import { isIgnoredByGit, isTrackedByGit } from "../scan/work_tree.ts";

/** What is to be known of a file before it is looked at. */
export interface FilePlace extends Pick<ExaminedPlace, "source" | "label"> {
  /** The path, as people see it. */
  readonly origin: string;
  readonly isSshKey: boolean;
  /** Why SOPS does not use what is in it; absent when it does. */
  readonly obstacle?: Obstacle;
}

/**
 * @param wanted recipients that somebody looks for: commands are asked for each of them
 * @returns one entry for each place, in the order of SOPS
 */
export async function examinePlaces(host: Host, wanted: readonly string[]): Promise<readonly ExaminedPlace[]> {
  const examined: ExaminedPlace[] = [];
  for (const place of keysPlaces(host)) examined.push(await examinePlace(host, place, wanted));
  if (examined.some(({ identities }) => identities.length > 0)) return examined;
  return examined.map((place) => {
    const problem = place.source === "user-config" ? findNoKeysPlace(host, place) : undefined;
    return problem === undefined ? place : { ...place, findings: [...place.findings, problem] };
  });
}

/** @returns what comes before an identity can be imported to where SOPS looks by itself */
export function findImportProblem(host: Host, places: readonly ExaminedPlace[]): Repair | undefined {
  if (host.env("SOPS_AGE_KEY_FILE")) return undefined; // that file gets it
  const place = places.find(({ source }) => source === "user-config");
  return place && findNoKeysPlace(host, place)?.repair;
}

/** @returns why a keys file cannot be made where SOPS looks for one by itself: it would be the first step otherwise */
function findNoKeysPlace(host: Host, { path, label, content }: ExaminedPlace): Finding | undefined {
  const folder = findUserConfigDir(host);
  if ("problem" in folder) {
    const message = `there is no folder for a keys file: ${folder.problem}`;
    const isInTheWay = host.env("XDG_CONFIG_HOME") && findHome(host) !== undefined;
    const repair: Repair = isInTheWay
      ? { kind: "unset-variable", variable: "XDG_CONFIG_HOME" }
      : { kind: "set-up", step: folder.hint };
    return { code: "no-config-folder", message, repair };
  }
  if (path === undefined || content.kind !== "nothing" || !isSymlink(host, path)) return undefined;
  const message = `"${label}" is a symlink to something that does not exist`;
  return { code: "dangling-link", message, path, repair: { kind: "mend-link", path } };
}

function isSymlink(host: Host, path: string): boolean {
  try {
    return host.files.lstat(path)?.kind === "symlink";
  } catch {
    return false; // what keeps it from being looked at has been told of the place
  }
}

/**
 * Looks at a file of identities or an ssh key.
 *
 * @param path absolute
 */
export async function examineFile(host: Host, path: string, place: FilePlace): Promise<ExaminedPlace> {
  const { source, label, origin, obstacle } = place;
  const common = { source, label, path };
  const { found, info } = await readPlaceFile(host, path, { isSshKey: place.isSshKey, name: origin });
  const repair = (isEncoding: boolean, lineNumber: number | undefined): Repair =>
    isEncoding ? { kind: "import-keys", path } : { kind: "correct-file", path, lineNumber };
  const { content, identities } = await describeFound(found, { origin, path, repair });
  if (content.kind === "nothing") return { ...common, content, identities, findings: [] };
  const findings: Finding[] = [];
  if (content.kind === "unusable") findings.push(describeUnusable(content, { ...place, path, identities }));
  if (info !== undefined) findings.push(...await examineExposure(host, path, origin, info));
  return {
    ...common,
    ...(info?.mode === undefined ? {} : { mode: info.mode }),
    content,
    identities: obstacle === undefined ? identities : identities.map((one) => ({ obstacle, ...one })),
    findings,
  };
}

/** What is to be known of something that was read. */
interface FoundSource extends IdentitySource {
  /** Absolute; absent for what is no file. */
  readonly path?: string;
}

async function describeFound(found: PlaceFound, source: FoundSource): Promise<DescribedIdentities> {
  switch (found.kind) {
    case "keys":
      return await describeKeys(found.keys, source);
    case "ssh-key": {
      const { describeSshKey } = await import("./ssh_key.ts"); // what knows ssh keys, only where there is one
      return describeSshKey(found.key, source.path, source.origin);
    }
    case "unreadable": {
      const reason = found.error.message.replace(/^cannot \w+ ".*?": /, "").replace(/, expected .*$/, "");
      return { content: { kind: "unusable", reason }, identities: [] };
    }
    case "nothing":
      return { content: found, identities: [] };
    case "command":
      throw new InternalError("a command that has not been run");
  }
}

async function examinePlace(host: Host, place: KeysPlace, wanted: readonly string[]): Promise<ExaminedPlace> {
  const { source } = place;
  switch (place.kind) {
    case "none":
      return {
        source,
        label: source,
        content: { kind: "nothing", reason: place.reason },
        identities: [],
        findings: [],
      };
    case "text":
      return await examineText(host, source, place.text);
    case "command":
      return await examineCommand(host, source, place.command, wanted);
    case "file":
      return await examineNamedFile(host, source, place.path);
  }
}

async function examineNamedFile(host: Host, source: KeysSource, named: string): Promise<ExaminedPlace> {
  if (looksLikeIdentity(named)) return await examineKeyAsPath(source, named);
  const path = host.paths.resolve(host.cwd, named);
  const shown = formatPath(host, path);
  const isVariable = source.startsWith("SOPS_");
  const isSshKey = isSshSource(source);
  const examined = await examineFile(host, path, {
    source,
    label: isVariable ? source : shown,
    origin: shown,
    isSshKey,
  });
  if (!isVariable || examined.content.kind !== "nothing") return examined;
  return { ...examined, ...await explainMissing(host, source, named, path, isSshKey) };
}

/** The key itself where a path belongs. */
async function examineKeyAsPath(source: KeysSource, text: string): Promise<ExaminedPlace> {
  const repair: Repair = { kind: "move-variable", from: source, to: "SOPS_AGE_KEY" };
  const reason = `${source} takes the path of a file, not the key itself`;
  const found = readKeys(new TextEncoder().encode(text), source);
  const { identities } = await describeFound(found, { origin: source, repair: () => repair });
  return {
    source,
    label: source,
    content: { kind: "unusable", reason: "a key, not a path" },
    identities: identities.map((one) => ({ ...one, obstacle: { reason, repair } })),
    findings: [{ code: "key-as-path", message: reason, repair }],
  };
}

/** A file that a variable names and that is not there: SOPS expands nothing. */
async function explainMissing(
  host: Host,
  source: KeysSource,
  named: string,
  path: string,
  isSshKey: boolean,
): Promise<Pick<ExaminedPlace, "content" | "identities" | "findings">> {
  const content: PlaceContent = { kind: "nothing", reason: `no such file: ${named}` };
  const { reason, meant } = findLiteralMistake(host, named, source) ?? {};
  if (reason !== undefined && meant !== undefined && await isFile(host, meant)) {
    const repair: Repair = { kind: "set-variable", variable: source, path: meant };
    const { identities } = await examineFile(host, meant, {
      source: "elsewhere",
      label: named,
      origin: formatPath(host, meant),
      isSshKey,
      obstacle: { reason, repair },
    });
    return { content, identities, findings: [{ code: "tilde-in-variable", message: reason, path: meant, repair }] };
  }
  const message = reason !== undefined && meant !== undefined
    ? `${reason}, and "${formatPath(host, meant)}" does not exist either`
    : `${source} names "${formatPath(host, path)}", which does not exist`;
  const repair: Repair = { kind: "unset-variable", variable: source };
  return { content, identities: [], findings: [{ code: "missing-file", message, path, repair }] };
}

async function examineText(host: Host, source: KeysSource, text: Secret): Promise<ExaminedPlace> {
  const pasted = await findPathAsKey(host, source, text.revealText().trim());
  if (pasted !== undefined) return pasted;
  const keys = readVariable(text, source);
  const [problem] = keys.problems;
  const lineNumber = problem !== undefined && "lineNumber" in problem ? problem.lineNumber : undefined;
  const repair: Repair = mentionsIdentity(text.revealText()) // the variable may be the only place that has it
    ? { kind: "correct-variable", variable: source, ...(lineNumber === undefined ? {} : { lineNumber }) }
    : { kind: "unset-variable", variable: source };
  const found: PlaceFound = { kind: "keys", keys };
  const { content, identities } = await describeFound(found, { origin: source, repair: () => repair });
  const findings: Finding[] = content.kind === "unusable"
    ? [{ code: "unusable-source", message: `SOPS drops all of ${source}: ${content.reason}`, repair }]
    : [];
  return { source, label: source, content, identities, findings };
}

/** A path where the key itself belongs: nothing of a text that could be secret is shown, unless a file has that name. */
async function findPathAsKey(host: Host, source: KeysSource, text: string): Promise<ExaminedPlace | undefined> {
  if (text === "" || /\s/.test(text) || looksLikeIdentity(text)) return undefined;
  const home = findHome(host);
  const expanded = home === undefined ? text : text.replace(/^~(?=[/\\])/, home);
  const path = host.paths.resolve(host.cwd, expanded);
  const exists = await isFile(host, path);
  if (!exists && !/^(?:~|\.{1,2})?[/\\]|^[A-Za-z]:[/\\]|\.(?:txt|key|age)$/.test(text)) return undefined;
  const reason = `${source} takes the key itself, not the path of a file`;
  const repair: Repair = { kind: "set-variable", variable: "SOPS_AGE_KEY_FILE", path, unset: source };
  const { identities } = await examineFile(host, path, {
    source: "elsewhere",
    label: source,
    origin: formatPath(host, path),
    isSshKey: false,
    obstacle: { reason, repair },
  });
  const finding: Finding = {
    code: "path-as-key",
    message: exists ? `${reason}: "${formatPath(host, path)}"` : reason,
    ...(exists ? { path, repair } : { repair: { kind: "unset-variable", variable: source } }),
  };
  return {
    source,
    label: source,
    content: { kind: "unusable", reason: "a path, not a key" },
    identities,
    findings: [finding],
  };
}

async function examineCommand(
  host: Host,
  source: KeysSource,
  command: string,
  wanted: readonly string[],
): Promise<ExaminedPlace> {
  const { outputs, isCutShort, problem } = await askCommand(host, command, source === "SOPS_AGE_KEY_CMD" ? wanted : []);
  const repair: Repair = { kind: "try-command", variable: source };
  const read: DescribedIdentities[] = [];
  for (const bytes of outputs) {
    const found = isSshSource(source) ? await readSshKey(host, bytes, { name: source }) : readKeys(bytes, source);
    read.push(await describeFound(found, { origin: source, repair: () => repair }));
  }
  const bad = read.map(({ content }) => content).find(({ kind }) => kind === "unusable");
  const reason = problem ?? (bad?.kind === "unusable" ? bad.reason : undefined);
  const unasked: LocalIdentity = { recipient: undefined, guess: { kind: "command" }, origin: source, isLocked: false };
  const good = read.find(({ content }) => content.kind !== "unusable");
  return {
    source,
    label: source,
    content: good?.content ?? { kind: "unusable", reason: reason ?? "prints nothing" },
    identities: [
      ...read.flatMap(({ identities }) =>
        identities.map((identity) => ({ ...identity, isFromCommand: true as const }))
      ),
      ...(isCutShort ? [unasked] : []),
    ],
    findings: reason === undefined ? [] : [{ code: "failing-command", message: `${source} ${reason}`, repair }],
  };
}

function describeUnusable(
  { reason, lineNumber }: Extract<PlaceContent, { kind: "unusable" }>,
  { origin, path, identities, isSshKey }: FilePlace & Pick<ExaminedPlace, "identities"> & { readonly path: string },
): Finding {
  const repair = identities.find(({ obstacle }) => obstacle !== undefined)?.obstacle?.repair;
  return {
    code: isSshKey ? "unusable-ssh-key" : "unusable-source",
    message: isSshKey ? `SOPS cannot use "${origin}": ${reason}` : `SOPS drops all of "${origin}": ${reason}`,
    path,
    ...(repair === undefined ? (isSshKey ? {} : { repair: { kind: "correct-file", path, lineNumber } }) : { repair }),
  };
}

/** Who else could read the file: others on this machine, everybody with the repository. */
async function examineExposure(
  host: Host,
  path: string,
  origin: string,
  info: FileInfo,
): Promise<Finding[]> {
  if (info.kind !== "file") return []; // a pipe or device stands in no folder that others look into
  const findings: Finding[] = [];
  if (isOpenToOthers(info)) {
    const message = `others on this machine can read or change "${origin}" (mode ${formatMode(info?.mode ?? 0)})`;
    findings.push({ code: "readable-by-others", message, path, repair: { kind: "close-file", path } });
  }
  const realPath = await host.files.realPath(path);
  if (host.os === "windows" && !isInProfile(host, realPath)) {
    findings.push(...await examineAccess(host, realPath, origin));
  }
  if (await findGitRoot(host, host.paths.dirname(realPath)) === undefined) return findings;
  if (await isTrackedByGit(host, realPath)) {
    const message = `git tracks "${origin}": everybody with the repository has the private key`;
    findings.push({
      code: "tracked-by-git",
      message,
      path: realPath,
      repair: { kind: "untrack-file", path: realPath },
    });
  } else if (!await isIgnoredByGit(host, realPath)) {
    const message = `git does not ignore "${origin}": the private key could be committed`;
    findings.push({ code: "not-ignored-by-git", message, path: realPath });
  }
  return findings;
}

/** Windows has access lists in place of permission bits; that of the profile folder names its owner and the system. */
/** What keeps others from a file on Windows outside of the profile folder is its access list alone. */
async function examineAccess(host: Host, path: string, origin: string): Promise<Finding[]> {
  const { readFileAccess } = await import("../../base/host/access_list.ts"); // only Windows has such lists
  const access = await readFileAccess(host, path);
  if (access === undefined) {
    const message =
      `who can read "${origin}" was not checked: it lies outside of your profile folder, which keeps others out`;
    return [{ code: "outside-profile", message, path, repair: { kind: "show-access", path } }];
  }
  const { person, others } = access;
  if (others.length === 0) return [];
  const message = `${formatList(others.map(({ name }) => name))} can read "${origin}"`;
  const repair: Repair = { kind: "close-access", path, person, others: others.map(({ sid }) => sid) };
  return [{ code: "readable-by-others", message, path, repair }];
}

function isInProfile(host: Host, realPath: string): boolean {
  const home = findHome(host);
  return home !== undefined && host.paths.contains(findRealPath(host, home) ?? home, realPath);
}

/** @returns permission bits as `chmod` takes them: `0600` */
export function formatMode(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

async function isFile(host: Host, path: string): Promise<boolean> {
  try {
    return (await host.files.stat(path))?.kind === "file";
  } catch {
    return false; // a text that is no path makes the system refuse it
  }
}
