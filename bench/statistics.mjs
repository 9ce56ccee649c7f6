export const median = (numbers) => percentile(numbers, 50);

/** The value that this share of the numbers does not exceed. */
export function percentile(numbers, percent) {
  const inOrder = [...numbers].sort((a, b) => a - b);
  return inOrder[Math.ceil((percent / 100) * inOrder.length) - 1];
}
