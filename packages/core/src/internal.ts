// For the packages that are published together with this one, at the same version. It promises nothing to anybody else, and changes without notice.

export { vetted } from "./logging/vetted-fields.ts";
export { hostWebChecks } from "./host/host-web.ts";
export { checkOptions, listOf, optionsWith } from "./options/option-check.ts";
export type { OptionCheck, OptionChecks, OptionOwner, Report } from "./options/option-check.ts";
export { limits } from "./options/limits.ts";
export { optionError } from "./options/option-error.ts";
export { readChecked } from "./options/read-checked.ts";
export { readOptions } from "./options/read-options.ts";
export { shown } from "./options/shown.ts";
export { anObject, filledText, flag, integer, longerThanNothing } from "./options/value-checks.ts";
export { checkDeadline, checkedDelay, checkedKey } from "./durable/stored-call-options.ts";
export { Cancellation } from "./actions/cancellation.ts";
export { describeSchema } from "./definition/describe-schema.ts";
export { isValidName } from "./definition/names.ts";
export { hollowKind } from "./serialization/hollow-kind.ts";
export { isLimited } from "./durable/store/group-rooms.ts";
export { checkedLease } from "./durable/store/store-lease.ts";
