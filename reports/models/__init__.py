"""The tables of what people said, one module a subject."""

from reports.models.access import ApiKey
from reports.models.catalogue import Category, ProblemType, Service, ServiceAlias, ServiceDependency
from reports.models.comment import Comment, CommentFlag, CommentState, HeldBecause, ListedWord
from reports.models.logo import Logo
from reports.models.moderation import (
    Ban,
    Burst,
    ModerationEntry,
    ModerationJob,
    StaleBucket,
)
from reports.models.place import Region
from reports.models.report import DailyKey, IntakeMinute, Report
from reports.models.site import SiteSetting
from reports.models.suggestion import ServiceSuggestion, SuggestionState, SuggestionVoice
from reports.models.vote import Vote, VoteCount

__all__ = [
    "ApiKey",
    "Ban",
    "Burst",
    "Category",
    "Comment",
    "CommentFlag",
    "CommentState",
    "DailyKey",
    "HeldBecause",
    "IntakeMinute",
    "ListedWord",
    "Logo",
    "ModerationEntry",
    "ModerationJob",
    "ProblemType",
    "Region",
    "Report",
    "Service",
    "ServiceAlias",
    "ServiceDependency",
    "ServiceSuggestion",
    "SiteSetting",
    "StaleBucket",
    "SuggestionState",
    "SuggestionVoice",
    "Vote",
    "VoteCount",
]
