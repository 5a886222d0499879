/**
 * Answers that many files share: they are the same for all files of one rule that say the same. Pure.
 *
 * @module
 */

/** @returns `answer`, which is asked once for each pair of objects as long as both are there */
export function rememberAnswers<One extends object, Other extends object, Answer>(
  answer: (one: One, other: Other) => Answer,
): (one: One, other: Other) => Answer {
  const known = new WeakMap<One, WeakMap<Other, { readonly answer: Answer }>>();
  return (one, other) => {
    const ofOne = known.get(one) ?? new WeakMap<Other, { readonly answer: Answer }>();
    known.set(one, ofOne);
    const found = ofOne.get(other) ?? { answer: answer(one, other) };
    ofOne.set(other, found);
    return found.answer;
  };
}
