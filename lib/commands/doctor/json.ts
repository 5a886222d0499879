/**
 * What `doctor --json` prints: the same findings as the text, with keys and paths in full. Pure.
 *
 * @module
 */
import { OwnRecipients } from "../../repository/access/own_recipients.ts";
import type { Diagnosis, FileDiagnosis } from "../../repository/doctor/diagnosis.ts";
import { type ExaminedPlace, FINDING_CODES, type LocalIdentity } from "../../repository/doctor/finding.ts";
import { formatMode } from "../../repository/doctor/places.ts";
import { describeCause, findNextStep, type Speaker } from "./next.ts";
import { differencesAsJson, listedKeyAsJson } from "../shared/rule_text.ts";

/** @returns the whole result */
export function diagnosisAsJson(speaker: Speaker, diagnosis: Diagnosis): Record<string, unknown> {
  const { files, root, places, elsewhere, configOfSops, sopsVersion, findings } = diagnosis;
  const next = findNextStep(speaker, diagnosis);
  const local = [...places, ...elsewhere].flatMap(({ identities }) => identities);
  const own = new OwnRecipients(local.flatMap(({ recipient }) => recipient ?? []));
  return {
    root: root ?? null,
    files: files.map((file) => fileAsJson(speaker, file, own)),
    places: [...places, ...elsewhere].map(placeAsJson),
    sops: { version: sopsVersion ?? null, config: configOfSops.path ?? null },
    findings: findings.map(({ code, message, path }) => ({
      code,
      severity: FINDING_CODES[code],
      message,
      path: path ?? null,
    })),
    next: next === undefined ? null : speaker.report.typed(next),
  };
}

function fileAsJson(speaker: Speaker, file: FileDiagnosis, own: OwnRecipients): Record<string, unknown> {
  const { state, path, fileRule: { config, rule, problem } } = file;
  const common = {
    path,
    state,
    config: config?.path ?? null,
    configProblem: problem ?? null,
    rule: rule === undefined
      ? null
      : { number: rule.index + 1, line: rule.lineNumber, pathRegex: rule.pathRegex ?? null },
  };
  if (file.state !== "encrypted") return { ...common, decryptable: "no" };
  const { access, cause, needs, differences, isOpened } = file;
  return {
    ...common,
    decryptable: access.answer,
    valuesChecked: isOpened,
    neededGroups: access.neededGroups,
    groups: access.groups.map((keys) =>
      keys.map(({ key, answer, identity }) => ({
        ...listedKeyAsJson(speaker.names.nameOf(key, config), own),
        localIdentity: answer,
        from: identity?.origin ?? null,
        asksForPassphrase: identity?.isLocked ?? false,
        obstacle: identity?.obstacle?.reason ?? null,
      }))
    ),
    differences: differencesAsJson(differences, { name: (key) => speaker.names.nameOf(key), own }),
    needsSops: needs ?? null,
    cause: cause === undefined ? null : { kind: cause.kind, message: describeCause(speaker, cause, file) },
  };
}

function placeAsJson({ source, path, mode, content, identities }: ExaminedPlace): Record<string, unknown> {
  return {
    source,
    path: path ?? null,
    mode: mode === undefined ? null : formatMode(mode),
    state: content.kind,
    reason: "reason" in content ? content.reason : null,
    identities: identities.map(identityAsJson),
  };
}

function identityAsJson({ recipient, guess, isLocked, obstacle }: LocalIdentity): Record<string, unknown> {
  return {
    recipient: recipient ?? null,
    plugin: guess?.kind === "plugin" ? guess.name : null,
    asksForPassphrase: isLocked,
    obstacle: obstacle?.reason ?? null,
  };
}
