import { alertHandlers } from './alerts';
import type { Handler } from './api';
import { buildHandlers } from './builds';
import { messageHandlers } from './messages';
import { messagingHandlers } from './messaging';
import { phoneNumberHandlers } from './phone-numbers';
import { serverlessHandlers } from './serverless';

/** Every operation the stand-in answers, by its key in openapi.json. */
export const handlers: Record<string, Handler> = {
  ...phoneNumberHandlers,
  ...messageHandlers,
  ...messagingHandlers,
  ...alertHandlers,
  ...serverlessHandlers,
  ...buildHandlers,
};
