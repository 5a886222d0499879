/**
 * The licences of the runtime that an executable holds besides the bundle, as one text for people.
 *
 * Deno, the engine in it and what that was built with are named one by one; of the Rust packages that Deno was built with
 * only the list is named, which is a part of its source.
 *
 * @module
 */
import { readLicenseText } from "./licenses.ts";

/** The versions of the runtime; `Deno.version` is one. */
export interface RuntimeVersions {
  readonly deno: string;
  readonly v8: string;
}

/** A part of the runtime. */
interface RuntimePart {
  readonly title: string;
  /** SPDX identifier of its licence; its text is in `license_texts/`. */
  readonly license: string;
  readonly holders: readonly string[];
}

function listParts({ deno, v8 }: RuntimeVersions): RuntimePart[] {
  return [
    { title: `Deno ${deno}`, license: "MIT", holders: ["2018-2026 the Deno authors"] },
    {
      title: "Node.js, of which Deno contains modules",
      license: "MIT",
      holders: ["Joyent, Inc. and other Node contributors", "Node.js contributors"],
    },
    { title: `V8 ${v8}`, license: "BSD-3-Clause", holders: ["2006-2026 the V8 project authors"] },
    {
      title: "Strongtalk, of which V8 contains parts of the assembler",
      license: "BSD-3-Clause",
      holders: ["1994-2006 Sun Microsystems Inc."],
    },
    {
      title: "fdlibm, of which V8 contains functions",
      license: "SunPro",
      holders: ["1993-2004 Sun Microsystems, Inc."],
    },
    {
      title: "ICU, with its data",
      license: "Unicode-3.0",
      holders: ["2016-2025 Unicode, Inc.", "1995-2016 International Business Machines Corporation and others"],
    },
  ];
}

/** @returns the text; the same versions give the same one */
export async function formatRuntimeLicenses(versions: RuntimeVersions): Promise<string> {
  const head =
    `The executables also contain the runtime Deno ${versions.deno}, which is under these licences. The Rust ` +
    `packages that it\nwas built with are listed, each under its own licence, in Cargo.lock of Deno's source, version ` +
    `${versions.deno}.\n`;
  const parts = listParts(versions).map(async ({ title, license, holders }) => {
    const copyright = holders.map((holder) => `Copyright ${holder}`).join("\n");
    const line = "=".repeat(title.length);
    return `${line}\n${title}\n${line}\n\n${license}\n${copyright}\n\n${await readLicenseText(license)}\n`;
  });
  return [head, ...await Promise.all(parts)].join("\n");
}
