const isColoured = process.stdout.isTTY && !process.env['NO_COLOR'];

const colour = (code: number) => (text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);

export const bold = colour(1);
export const red = colour(31);
export const green = colour(32);
export const yellow = colour(33);

/** Prints a line for the operator. */
export function print(line = ''): void {
  console.log(line);
}
