/** An error that is told to the user as a sentence, without a stack. */
export class PlainError extends Error {}
