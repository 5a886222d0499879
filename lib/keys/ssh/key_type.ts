/**
 * The types of ssh key by the names of the protocol, and why age has no form for most of them. Pure.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";

/** What the end of a type's name says when it is a certificate. */
const CERTIFICATE = "-cert-v01@openssh.com";

const DESCRIPTIONS: readonly (readonly [pattern: RegExp, description: string])[] = [
  [/^ssh-ed25519$/, "an ed25519 key"],
  [/^ssh-rsa$/, "an RSA key"],
  [/^ssh-dss$/, "a DSA key"],
  [/^ecdsa-sha2-nistp(?:256|384|521)$/, "an ECDSA key"],
  [/^sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com$/, "a key on a security device (sk-…)"],
];

/** @returns whether a word is the name of a key or certificate type that OpenSSH has or had */
export function isSshKeyType(word: string): boolean {
  return describe(word) !== undefined;
}

/** @returns the type in words, with its article: `an RSA key`; of an unknown type: `a key of an unknown type` */
export function describeSshKeyType(type: string): string {
  return describe(type) ?? "a key of an unknown type";
}

/** @returns why a key of this type does not convert, to stand after "it is"; undefined for ed25519, which does */
export function findConversionObstacle(type: string): string | undefined {
  if (type === "ssh-ed25519") return undefined;
  const what = describeSshKeyType(type);
  if (type.endsWith(CERTIFICATE)) return `${what}; the key itself stands in the .pub file it was made from`;
  if (type.startsWith("sk-")) return `${what}, which signs but cannot decrypt`;
  return `${what}, and only ed25519 keys convert to age`;
}

/**
 * Lets only those types pass that convert.
 *
 * @param what the key as it stands in the message: `"id_rsa"`, `the ssh key`
 * @throws {UserError} `unsupported` for any other type than ed25519
 */
export function refuseUnconvertible(type: string, what: string): void {
  const obstacle = findConversionObstacle(type);
  if (obstacle === undefined) return;
  throw new UserError("unsupported", `cannot convert ${what}: it is ${obstacle}`, { hints: [adviseConversion(type)] });
}

/** @returns what to do about a key of a type that does not convert, one imperative sentence */
export function adviseConversion(type: string): string {
  return type.endsWith(CERTIFICATE)
    ? "pass the .pub file that the certificate was made from"
    : "make an ed25519 key: ssh-keygen -t ed25519";
}

function describe(type: string): string | undefined {
  if (type.endsWith(CERTIFICATE)) {
    const plain = type.slice(0, -CERTIFICATE.length);
    return DESCRIPTIONS.some(([pattern]) => pattern.test(plain) || pattern.test(`${plain}@openssh.com`))
      ? "a certificate"
      : undefined;
  }
  return DESCRIPTIONS.find(([pattern]) => pattern.test(type))?.[1];
}
