/** What a check saw. *wrong*: a text can be lost or forged. *note*: worth knowing, costs no text. */
export interface Finding {
  level: 'right' | 'note' | 'wrong';
  subject: string;
  saw: string;
  /** Why it matters, and the command or page that mends it; only where it is not right. */
  remedy?: string;
}

export function finding(isRight: boolean, subject: string, saw: string, remedy: string): Finding {
  return isRight ? right(subject, saw) : { level: 'wrong', subject, saw, remedy };
}

export function right(subject: string, saw: string): Finding {
  return { level: 'right', subject, saw };
}
