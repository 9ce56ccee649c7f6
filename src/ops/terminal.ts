const colourOn = (stream: NodeJS.WriteStream, code: number) => (text: string) =>
  stream.isTTY && !process.env['NO_COLOR'] ? `\u001b[${code}m${text}\u001b[0m` : text;

export const bold = colourOn(process.stdout, 1);
export const red = colourOn(process.stdout, 31);
export const green = colourOn(process.stdout, 32);

/** Red for what is printed to stderr. */
export const redOnError = colourOn(process.stderr, 31);

/** Prints a line for the operator. */
export function print(line = ''): void {
  console.log(line);
}

/** Prints what is worth knowing, and not wrong. Bold: yellow is hard to read on a light background. */
export function printNote(note: string): void {
  print(`${bold('Note:')} ${note}`);
}
