const colourOn = (stream: NodeJS.WriteStream, code: number) => (text: string) =>
  stream.isTTY && !process.env['NO_COLOR'] ? `\u001b[${code}m${text}\u001b[0m` : text;

export const bold = colourOn(process.stdout, 1);
export const red = colourOn(process.stdout, 31);
export const green = colourOn(process.stdout, 32);

/** Red for what is printed to stderr. */
export const redOnError = colourOn(process.stderr, 31);

/**
 * Text as a terminal shows it best: a sentence a line, broken between words where it is too wide, all of it indented.
 * In a pipe or a file it stays one line, which can be searched for.
 */
export function layOut(text: string, indent = '', stream: NodeJS.WriteStream = process.stdout): string {
  if (!stream.isTTY) return indent + text;
  const width = (stream.columns || 80) - indent.length;
  const sentences = text.split(/\n|(?<=\.) (?=[A-Z])/);
  const lines = sentences.flatMap((sentence) => wrap(sentence, width));
  return lines.map((line) => indent + line).join('\n');
}

/** Lines of at most this width, broken between words; a wider word stays whole. */
export function wrap(text: string, width: number): string[] {
  return text.match(new RegExp(`\\S.{0,${width - 1}}(?=\\s|$)|\\S+`, 'g')) ?? [];
}

/** Prints a line for the operator. */
export function print(line = ''): void {
  console.log(line);
}

/** Prints what is worth knowing, and not wrong. Bold: yellow is hard to read on a light background. */
export function printNote(note: string): void {
  print(`${bold('Note:')} ${note}`);
}
