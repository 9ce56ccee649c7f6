import type { Deployment } from '../find-deployment';
import type { Operator } from '../operator';

/** What a check saw. *wrong*: a text can be lost or forged. *note*: worth knowing, costs no text. */
export interface Finding {
  level: 'right' | 'note' | 'wrong';
  subject: string;
  saw: string;
  /** Why it matters, and the command or page that mends it; only where it is not right. */
  remedy?: string;
}

/** Reads something and says what it found. Never changes anything. */
export type Check = (operator: Operator, deployment: Deployment) => Promise<Finding[]>;

export function finding(isRight: boolean, subject: string, saw: string, remedy: string): Finding {
  return isRight ? { level: 'right', subject, saw } : { level: 'wrong', subject, saw, remedy };
}
