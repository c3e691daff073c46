export { appConfigShape, checkProduction, httpUrl, isThisMachine } from "./app-config.ts";
export { type Clock, type FixedClock, fixedClock, systemClock } from "./clock.ts";
export { ConfigError, loadConfig } from "./config.ts";
export { duration, durationSeconds } from "./duration.ts";
export {
  AppError,
  type AppErrorOptions,
  ERROR_CODES,
  type ErrorCode,
  errorMessage,
  isPermanent,
  isRefusal,
  PermanentError,
  TransientError,
} from "./errors.ts";
export {
  addDays,
  daysBetween,
  instantOf,
  isBusinessHours,
  isCivilDate,
  type LocalFields,
  localDay,
  localFields,
  TIME_ZONE,
  type Weekday,
  weekdayOf,
} from "./local-time.ts";
export { createLogger, LOG_LEVELS, type Logger, type LoggerOptions, type LogLevel, silentLogger } from "./logger.ts";
export { MOMENT_FORMS, parseMoment } from "./moment.ts";
export { installShutdown, type Shutdown, type ShutdownOptions } from "./shutdown.ts";
export { maskPhones, safeErrorText, safeText } from "./text.ts";
export { firstKnown, versionOf } from "./version.ts";
export { durationWords, momentWords } from "./words.ts";
