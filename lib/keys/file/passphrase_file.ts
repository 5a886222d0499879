/**
 * Keys files protected with a passphrase: the age format with one scrypt recipient, armored, as SOPS (3.10 and newer) and
 * age read it in the place of a plain keys file. Both forms of the format are read.
 *
 * Loads the age library; imported only where such a file is met. Pure but for randomness. Spec: keys §1.
 *
 * @module
 */
import { Decrypter, Encrypter, type Identity, type Stanza } from "age-encryption";
import { InternalError, UserError } from "../../base/error.ts";
import { equalBytes } from "../../base/bytes.ts";
import type { Secret } from "../../base/secret.ts";
import { nameFile } from "../../base/show/named_file.ts";
import { decodeArmor, encodeArmor } from "../age/armor.ts";

/** The work factor that age itself uses: about a second on a present machine. Base-2 logarithm. */
export const WORK_FACTOR = 18;

/** Highest work factor that is accepted, so that a file cannot use up the machine: age's own limit is 22. */
const MAX_WORK_FACTOR = 20;

const ARMOR_HEAD = "-----BEGIN AGE ENCRYPTED FILE-----";

/**
 * Encrypts the content of a keys file, and proves that it decrypts again. Takes about two seconds at the usual factor.
 *
 * @param workFactor base-2 logarithm, {@link WORK_FACTOR} unless a test is in a hurry
 * @returns the armored file
 */
export async function encryptWithPassphrase(
  plain: Uint8Array,
  passphrase: Secret,
  workFactor: number = WORK_FACTOR,
): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase.revealText());
  encrypter.setScryptWorkFactor(workFactor);
  const file = new TextEncoder().encode(encodeArmor(await encrypter.encrypt(plain)));
  const read = await decryptWithPassphrase(file, passphrase, "the new file");
  if (!equalBytes(read, plain)) throw new InternalError("the protected keys file does not decrypt to what it was");
  return file;
}

/**
 * Decrypts a protected keys file. Takes about a second at the usual work factor.
 *
 * @param path for messages
 * @returns the content of the keys file; undefined when the passphrase is wrong
 * @throws {UserError} `unsupported` for a file that is encrypted to recipients, or that takes more work than age would do;
 * `integrity` for a damaged one
 */
export async function decryptWithPassphrase(
  file: Uint8Array,
  passphrase: Secret,
  path: string,
): Promise<Uint8Array | undefined> {
  const decrypter = new Decrypter();
  let isWrong = false;
  decrypter.addIdentity(passingOver((stanzas) => refuseOthers(stanzas, path)));
  decrypter.addPassphrase(passphrase.revealText());
  decrypter.addIdentity(passingOver(() => isWrong = true));
  try {
    return await decrypter.decrypt(removeArmor(file));
  } catch (error) {
    if (isWrong) return undefined;
    if (error instanceof UserError) throw error;
    throw new UserError("integrity", `cannot decrypt "${path}": it is damaged, expected an age file`, {
      hints: ["restore the file from a backup"],
      location: { path },
    });
  }
}

/** An identity that only looks at the header: the first one sees every file, the last one what no other could open. */
function passingOver(look: (stanzas: Stanza[]) => void): Identity {
  return {
    unwrapFileKey(stanzas): null {
      look(stanzas);
      return null;
    },
  };
}

function refuseOthers([first, ...more]: readonly Stanza[], path: string): void {
  const [type, , factor] = first?.args ?? [];
  if (type !== "scrypt" || more.length > 0) {
    throw new UserError(
      "unsupported",
      `cannot decrypt "${path}": it is encrypted to recipients, expected a passphrase`,
      {
        hints: [nameFile("decrypt it with: age --decrypt -i IDENTITY FILE", path)],
        location: { path },
      },
    );
  }
  if (!(Number(factor) > MAX_WORK_FACTOR)) return; // nor for what is no number: the library refuses the header then
  throw new UserError(
    "unsupported",
    `cannot decrypt "${path}": its work factor is above ${MAX_WORK_FACTOR}, expected that of age (${WORK_FACTOR})`,
    { hints: ["decrypt it with age, and protect it anew"], location: { path } },
  );
}

function removeArmor(file: Uint8Array): Uint8Array {
  const text = new TextDecoder("latin1").decode(file);
  if (!text.trimStart().startsWith(ARMOR_HEAD)) return file;
  return decodeArmor(text) ?? new Uint8Array(); // which the library refuses as a header
}
