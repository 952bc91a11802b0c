// Why there is no answer, by the key of the failure (tests/golden/failures.json): in words, and what to offer.

/** What a notice advises, as a button. */
export type Advice = "retry" | "edit" | "new_conversation" | "choose_model" | "none";

interface Failure {
  action: Advice;
  en: string;
  ko: string;
}

/** Whose failure it is when the cloud does not name a model. */
export const NO_MODEL = { en: "the model provider", ko: "모델 제공자" };

export const FAILURES: Record<string, Failure> = {
  "model_auth.locked_out": {
    action: "retry",
    en: "{Model} refused its API key a moment ago. Correct the key, wait a minute, then send again.",
    ko: "{Model}에서 방금 API 키를 거부했습니다. 키를 고치고 1분 뒤에 다시 보내세요.",
  },
  "model_auth.no_credit": {
    action: "choose_model",
    en: "{Model} refused to answer because the account has no credit. Top it up, or choose another model.",
    ko: "{Model} 계정에 남은 크레딧이 없어 답을 받지 못했습니다. 충전하거나 다른 모델을 선택하세요.",
  },
  "model_auth.allowance_spent": {
    action: "retry",
    en: "The allowance for models is spent, so {model} was not asked. Whoever set the limit can raise it; then send again.",
    ko: "모델에 쓸 한도를 모두 써서 {model}에 묻지 않았습니다. 한도를 정한 사람이 올릴 수 있습니다. 그런 다음 다시 보내세요.",
  },
  "model_auth.key_missing": {
    action: "choose_model",
    en: "There is no API key for {model}. Set the key and restart the agent, or choose another model.",
    ko: "{model}에 쓸 API 키가 없습니다. 키를 설정하고 에이전트를 다시 시작하거나 다른 모델을 선택하세요.",
  },
  "model_auth.key_refused": {
    action: "retry",
    en: "{Model} refused the API key. Check that it is valid and may use this model, then send again.",
    ko: "{Model}에서 API 키를 거부했습니다. 키가 유효하고 이 모델을 쓸 수 있는지 확인한 뒤 다시 보내세요.",
  },
  "model_error.context_full": {
    action: "new_conversation",
    en: "This conversation has become too long for {model}. Start a new one, or choose a model that reads more.",
    ko: "이 대화가 {model}에는 너무 길어졌습니다. 새 대화를 시작하거나 더 많이 읽는 모델을 선택하세요.",
  },
  "model_error.model_unknown": {
    action: "choose_model",
    en: "{Model} does not exist, or this account may not use it. Choose another model in the settings.",
    ko: "{Model}: 없는 모델이거나 이 계정에서 쓸 수 없습니다. 설정에서 다른 모델을 선택하세요.",
  },
  "model_error.overloaded": {
    action: "retry",
    en: "{Model} is overloaded at the moment. Send again in a minute.",
    ko: "{Model}에 지금 요청이 몰려 있습니다. 1분 뒤에 다시 보내세요.",
  },
  "rate_limited.provider": {
    action: "retry",
    en: "{Model} allows no more requests at the moment. Wait a minute, then send again.",
    ko: "{Model}에서 지금은 요청을 더 받지 않습니다. 1분 뒤에 다시 보내세요.",
  },
  "interrupted.aborted": {
    action: "retry",
    en: "The agent was interrupted before it could finish. Send again.",
    ko: "에이전트가 답을 마치기 전에 중단되었습니다. 다시 보내세요.",
  },
  "model_error.provider_failed": {
    action: "retry",
    en: "{Model} reported an error of its own. This usually passes: send again.",
    ko: "{Model}에서 자체 오류를 알려 왔습니다. 대개 곧 풀리니 다시 보내세요.",
  },
  "model_error.connection_lost": {
    action: "retry",
    en: "The connection to {model} broke off in the middle of the answer. Send again.",
    ko: "답을 받는 도중에 {model} 연결이 끊겼습니다. 다시 보내세요.",
  },
  "model_error.request_refused": {
    action: "edit",
    en: "{Model} does not accept this request. Try to put it differently, or choose another model.",
    ko: "{Model}에서 이 요청을 받지 않습니다. 다르게 써 보거나 다른 모델을 선택하세요.",
  },
  "model_error.other": {
    action: "retry",
    en: "{Model} could not answer. Send again; if that does not help, start a new conversation.",
    ko: "{Model}에서 답을 받지 못했습니다. 다시 보내 보고, 그래도 안 되면 새 대화를 시작하세요.",
  },
  "agent_unavailable.unreachable": {
    action: "retry",
    en: "The agent could not be reached. It is being restarted: send again.",
    ko: "에이전트에 연결하지 못해 다시 시작하는 중입니다. 다시 보내세요.",
  },
  "interrupted.hung": {
    action: "retry",
    en: "The agent stopped answering and is being restarted. Send again.",
    ko: "에이전트가 응답하지 않아 다시 시작하는 중입니다. 다시 보내세요.",
  },
  "interrupted.stopped": {
    action: "retry",
    en: "The agent was stopped in the middle of its answer. Send again.",
    ko: "답하는 도중에 에이전트가 멈췄습니다. 다시 보내세요.",
  },
  "interrupted.crashes": {
    action: "edit",
    en: "The agent was interrupted again and again by this message. Try it in another way.",
    ko: "이 메시지 때문에 에이전트가 거듭 중단되었습니다. 다른 방식으로 해 보세요.",
  },
  "interrupted.looping": {
    action: "edit",
    en: "The agent repeated the same step again and again, so it was stopped. Try to put it differently.",
    ko: "에이전트가 같은 단계를 거듭 되풀이해서 멈췄습니다. 다르게 써 보세요.",
  },
  "interrupted.too_many_steps": {
    action: "retry",
    en: "The agent was stopped: it has used {count} tools, and one answer may use no more.",
    ko: "에이전트를 멈췄습니다. 도구를 {count}번 썼고, 답변 하나에 그보다 더 쓸 수는 없습니다.",
  },
  "interrupted.too_long": {
    action: "retry",
    en: "The agent was stopped after {minutes} minutes, the longest that one answer may take.",
    ko: "에이전트를 {minutes}분 만에 멈췄습니다. 답변 하나에 걸릴 수 있는 가장 긴 시간입니다.",
  },
  "interrupted.set_aside": {
    action: "retry",
    en: "The agent was interrupted three times while it worked on this message, so it was set aside. Send it again, perhaps in smaller steps.",
    ko: "에이전트가 이 메시지를 처리하다 세 번 중단되어 메시지를 따로 두었습니다. 더 작은 단계로 나누어 다시 보내 보세요.",
  },
  "agent_unavailable.no_start": {
    action: "retry",
    en: "The agent could not be started, three times in a row, so this message was not answered. Send it again in a few minutes.",
    ko: "에이전트를 세 번 연속 시작하지 못해 이 메시지에 답하지 못했습니다. 몇 분 뒤에 다시 보내세요.",
  },
  "agent_unavailable.backup_damaged": {
    action: "retry",
    en: "The agent could not be started, so this was not answered. The newest backup is damaged. Nothing was started or overwritten: choose an older one.",
    ko: "에이전트를 시작하지 못해 답하지 못했습니다. 최신 백업이 손상되었습니다. 시작하거나 덮어쓴 것은 없습니다. 이전 백업을 고르세요.",
  },
  "agent_unavailable.backup_unreadable": {
    action: "retry",
    en: "The agent could not be started, three times in a row, so this message was not answered. Send it again in a few minutes. The backup cannot be read right now, so nothing was started or overwritten.",
    ko: "에이전트를 세 번 연속 시작하지 못해 이 메시지에 답하지 못했습니다. 몇 분 뒤에 다시 보내세요. 지금은 백업을 읽을 수 없어 시작하거나 덮어쓴 것은 없습니다.",
  },
  "agent_unavailable.restore_no_room": {
    action: "retry",
    en: "The agent could not be started, so this was not answered. The newest backup does not fit on the machine's disk. Nothing was started or overwritten: choose an older backup, or give the machine a larger disk.",
    ko: "에이전트를 시작하지 못해 답하지 못했습니다. 최신 백업이 기기의 디스크에 들어가지 않습니다. 시작하거나 덮어쓴 것은 없습니다. 이전 백업을 고르거나 디스크를 늘리세요.",
  },
  "agent_unavailable.restore_bad_name": {
    action: "retry",
    en: "The agent could not be started, so this was not answered. The newest backup has a file whose name this machine's disk does not take. Nothing was started or overwritten: choose an older backup.",
    ko: "에이전트를 시작하지 못해 답하지 못했습니다. 최신 백업에 이 기기의 디스크가 받지 않는 파일 이름이 있습니다. 시작하거나 덮어쓴 것은 없습니다. 이전 백업을 고르세요.",
  },
  "agent_unavailable.restore_refused": {
    action: "retry",
    en: "The agent could not be started, so this was not answered. The machine's disk did not take the backup, which is whole. Nothing was started or overwritten: choose an older backup, or send a message to try again.",
    ko: "에이전트를 시작하지 못해 답하지 못했습니다. 백업은 온전하지만 기기의 디스크가 받지 않았습니다. 시작하거나 덮어쓴 것은 없습니다. 이전 백업을 고르거나 메시지를 보내 다시 시도하세요.",
  },
  "agent_unavailable.start_refused": {
    action: "retry",
    en: "The agent could not be started, so this was not answered. AWS does not start the machine: {reason}",
    ko: "에이전트를 시작하지 못해 답하지 못했습니다. AWS에서 기기를 시작해 주지 않습니다: {reason}",
  },
  "invalid_message.refused": {
    action: "edit",
    en: "The agent does not accept this message. Change it, then send again.",
    ko: "에이전트가 이 메시지를 받지 않습니다. 고쳐서 다시 보내세요.",
  },
  "invalid_message.file_not_text": {
    action: "edit",
    en: "{name} is not a text that can be read. Attach it as UTF-8.",
    ko: "{name}: 읽을 수 있는 글이 아닙니다. UTF-8로 첨부하세요.",
  },
  "not_found.file": {
    action: "edit",
    en: "{name} is not stored any more. Attach it again.",
    ko: "{name}: 더 이상 저장되어 있지 않습니다. 다시 첨부하세요.",
  },
  "too_large.file": {
    action: "edit",
    en: "{name} is too large: {limit} MB at most.",
    ko: "{name} 파일이 너무 큽니다. 최대 {limit} MB입니다.",
  },
  "interrupted.file_not_stored": {
    action: "retry",
    en: "{name} could not be fetched from the storage just now. Send the message again.",
    ko: "{name}: 지금은 저장소에서 가져오지 못했습니다. 메시지를 다시 보내세요.",
  },
  "interrupted.file_not_sent": {
    action: "edit",
    en: "The file could not be fetched from Telegram. Send it again.",
    ko: "Telegram에서 파일을 가져오지 못했습니다. 다시 보내 주세요.",
  },
  "internal.not_kept": {
    action: "retry",
    en: "The agent has answered, but the answer could not be stored. Send the message again, perhaps in smaller steps.",
    ko: "에이전트가 답했지만 답을 저장하지 못했습니다. 더 작은 단계로 나누어 메시지를 다시 보내 보세요.",
  },
  "internal.fault": {
    action: "retry",
    en: "Something went wrong on our side. Send the message again.",
    ko: "저희 쪽에서 문제가 생겼습니다. 메시지를 다시 보내세요.",
  },
};
