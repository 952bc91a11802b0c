"""IAM's simulator, which moto lacks: it allows everything."""

from __future__ import annotations

from moto.iam.responses import IamResponse

ANSWER = """<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
<SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated><EvaluationResults>{}</EvaluationResults>
</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"""
RESULT = "<member><EvalActionName>{}</EvalActionName><EvalDecision>allowed</EvalDecision></member>"


def simulate(self: IamResponse) -> str:
    asked = [values[0] for name, values in self.querystring.items() if name.startswith("ActionNames.")]
    return ANSWER.format("".join(RESULT.format(action) for action in asked))


def install() -> None:
    IamResponse.simulate_principal_policy = simulate  # type: ignore[attr-defined]
