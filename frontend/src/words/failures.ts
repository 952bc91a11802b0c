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
};
