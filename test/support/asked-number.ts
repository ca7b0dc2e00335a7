/** A whole number that the environment asks for, `least` at least; what every change gets where it does not ask. */
export function askedNumber(name: string, otherwise: number, least = 1): number {
  const asked = process.env[name];
  if (asked === undefined) return otherwise;
  const number = Number(asked);
  if (asked.trim() === '' || !Number.isSafeInteger(number) || number < least)
    throw new Error(`${name} is a whole number, ${least} or more, and not ${JSON.stringify(asked)}.`);
  return number;
}
