"""The wiring of the founding system as it was on 2026-02-17: three control-plane streams of which each look said "0 events"."""

from qtops.facts.wiring import WiringFacts
from qtops.settings import Settings

from .maps import NOW_S, end, fleet, ghost, off, reads, stream, unit, writes

POLICY, RETRAIN, CLOSE = "quantum:stream:policy.updated", "quantum:stream:model.retrain", "quantum:stream:reconcile.close"
WRITTEN, RISK = "quantum:stream:policy.update", "quantum:stream:risk.events"
PROPOSAL = "quantum:risk:proposal:<symbol>"


def made(name: str, group: str, *fields: str, where: str):
    """A group that its reader makes, and the reader."""
    return (
        end("", "XGROUP CREATE", name, group=group, creates=True, where=where),
        reads("", name, *fields, group=group, where=where),
    )


def founding(*more) -> WiringFacts:
    """The units around the control plane."""
    group = "quantum:group:ai-engine:policy.updated"
    return fleet(
        unit(
            "quantum-portfolio-ai",
            writes("", WRITTEN, "event", "version", "timestamp", where="lib/policy_store.py:246", capped=True),
        ),
        unit("quantum-ai-engine", *made(POLICY, group, "event_type", "payload", "trace_id", where="ai_engine/service.py:118")),
        unit("quantum-execution", *made(POLICY, "execution", "event_type", "payload", where="services/execution_service.py:77")),
        unit(
            "quantum-strategic-evolution",
            writes("", RETRAIN, "model", "learning_rate", "timestamp", where="strategic_evolution/retrain_manager.py:40"),
            **off(),
        ),
        unit("quantum-retraining-worker", *made(RETRAIN, "retraining_workers", "model", where="retraining_worker/main.py:52")),
        unit("quantum-reconcile-engine", writes("", CLOSE, "plan_id", "symbol", "qty", where="reconcile_engine/main.py:803")),
        unit("quantum-apply-layer", *made(CLOSE, "apply_recon", "plan_id", "symbol", "qty", where="apply_layer/main.py:2943")),
        unit("quantum-governor", writes("", RISK, "event", "reason", "timestamp", where="risk_guard/risk_guard.py:162")),
        *more,
        streams=(
            ghost(POLICY, group, "execution"),
            stream(WRITTEN, added=1377, age_s=340),
            ghost(RETRAIN, "retraining_workers"),
            ghost(CLOSE, "apply_recon"),
            stream(RISK, added=30, age_s=3547),
        ),
        taken_at_s=NOW_S,
    )


SETTINGS = Settings()
