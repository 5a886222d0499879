/**
 * Damage to encrypted files: what a bad merge, a bad disk and somebody with bad intentions do to them.
 *
 * @module
 */
import { type Choices, mutate } from "./yaml_documents.ts";

/** @returns a text with something changed: pieces of syntax, bytes, bits of base64, lines taken out, doubled or moved */
export function damage(text: string, choices: Choices): string {
  const lines = text.split("\n");
  const at = choices.below(lines.length);
  const other = choices.below(lines.length);
  switch (choices.below(8)) {
    case 0:
      return mutate(text, choices);
    case 1: {
      const place = choices.below(text.length + 1);
      return text.slice(0, place) + String.fromCharCode(choices.below(256)) + text.slice(place + 1);
    }
    case 2:
      return text.slice(0, choices.below(text.length + 1));
    case 3:
      return lines.toSpliced(at, 1 + choices.below(3)).join("\n");
    case 4:
      return lines.toSpliced(at, 0, lines[other]!).join("\n");
    case 5:
      return lines.with(at, lines[other]!).with(other, lines[at]!).join("\n");
    case 6: { // two encrypted values change places
      const values = [...text.matchAll(/ENC\[[^\]]*\]/g)];
      if (values.length < 2) return mutate(text, choices);
      const [first, second] = [choices.pick(values), choices.pick(values)].sort((a, b) => a.index - b.index);
      if (first === second) return text.replace(first![0], "");
      return text.slice(0, first!.index) + second![0] + text.slice(first!.index + first![0].length, second!.index) +
        first![0] + text.slice(second!.index + second![0].length);
    }
    default: { // a digit of base64
      const places = [...text.matchAll(/(?:data|iv|tag):[\w+/]/g)];
      if (places.length === 0) return mutate(text, choices);
      const place = choices.pick(places).index + 6;
      return text.slice(0, place) + choices.pick(["A", "b", "/", "="]) + text.slice(place + 1);
    }
  }
}
