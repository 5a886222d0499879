/**
 * Floats as Go writes them with its shortest format `%g`: what SOPS puts into YAML, dotenv and INI. Pure.
 *
 * @module
 */

/** Below this decimal exponent, Go writes an exponent. */
const MIN_PLAIN_EXPONENT = -4;

/** From this decimal exponent on, Go writes an exponent. */
const MAX_PLAIN_EXPONENT = 6;

/** @returns a finite float with the fewest digits that read back the same: `0.1`, `1e+06`, `-0`; no `.0` is added */
export function formatGoFloat(value: number): string {
  if (Object.is(value, -0)) return "-0";
  const [mantissa, power] = value.toExponential().split("e") as [string, string];
  const exponent = Number(power);
  if (value === 0 || (exponent >= MIN_PLAIN_EXPONENT && exponent < MAX_PLAIN_EXPONENT)) return String(value);
  const digits = String(Math.abs(exponent)).padStart(2, "0");
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${digits}`;
}
