/** The action names that Sora's own services and the reference's examples share. */
export const SoraServiceActions: {
  readonly Health: { readonly ForceProbe: "force-probe" };
  readonly Flow: { readonly TriggerProcessing: "trigger-processing" };
  readonly Outbox: { readonly ProcessBatch: "process-batch" };
  readonly Messaging: { readonly RestartMessaging: "restart-messaging" };
} = Object.freeze({
  Health: Object.freeze({ ForceProbe: "force-probe" }),
  Flow: Object.freeze({ TriggerProcessing: "trigger-processing" }),
  Outbox: Object.freeze({ ProcessBatch: "process-batch" }),
  Messaging: Object.freeze({ RestartMessaging: "restart-messaging" }),
});
