"""The acts of people that this room knows, and what undoes each."""

from aggregator import declarations, outages, sensitivities
from reports.models.moderation import Act

ON_OUTAGES = (
    Act.CONFIRM,
    Act.END,
    Act.RETRACT,
    Act.OPEN,
    Act.ANNOTATE,
    Act.JOIN,
    Act.SPLIT,
    Act.EXPLAIN,
)
UNDO = {
    **{str(act): outages.undo for act in ON_OUTAGES},
    **dict.fromkeys(map(str, (Act.DECLARE, Act.LIFT)), declarations.undo),
    str(Act.TUNE): sensitivities.undo,
}
