/** Something the operator can put right. The message is a fact and its remedy; it needs no stack trace. */
export class OperatorError extends Error {}

/** A variable is missing or malformed. The message names the variable and the remedy, never a secret. */
export class ConfigurationError extends OperatorError {}

/** A command was called with words it does not know. Exit code 2. */
export class UsageError extends OperatorError {}
