/** Its message is for people, in their language. */
export class Told extends Error {}
