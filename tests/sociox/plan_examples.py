"""The document's literal plans, and where plans are served."""

from typing import Any

import msgspec

from tests.harness import Api, Reply

PLANS = "/api/admin/subscription/plans"
FEATURES = "/api/subscriptions/plan-features"
OF_ADMINS = "/api/subscription/admin/plans"
UNKNOWN_IDS = ("67616c378c821544d3c5400b", "x", "category", "%00", "6" * 25)

# SOCIOX "create plan", as it stands.
PREMIUM_TEXT = b"""{
  "name": "premium",
  "displayName": "Premium Plan",
  "price": {
    "monthly": {
      "amount": 29.99,
      "currency": "USD"
    },
    "yearly": {
      "amount": 299.99,
      "currency": "USD",
      "savings": 60
    }
  },
  "features": {
    "socialAccounts": {
      "total": 10,
      "perPlatform": {
        "facebook": 3,
        "instagram": 3,
        "twitter": 4
      }
    },
    "teamMembers": 5,
    "posting": {
      "postsPerDay": 20,
      "bulkScheduling": true,
      "autoScheduling": true
    },
    "analytics": {
      "reportTypes": ["basic", "advanced"],
      "exportFormats": ["pdf", "csv"],
      "retentionDays": 365
    },
    "support": "24/7",
    "additional": {
      "customBranding": true,
      "apiAccess": true,
      "contentCalendar": true,
      "hashtagManager": true
    }
  },
  "recommended": true,
  "category": "enterprise"
}"""

# SOCIOX "update plan".
BASIC_TEXT = b"""{
    "name": "basic",
    "displayName": "Basic Plan",
    "price": {
      "monthly": {
        "amount": 29.99,
        "currency": "USD"
      },
      "yearly": {
        "amount": 299.99,
        "currency": "USD",
        "savings": 59.89
      }
    },
    "features": {
      "socialAccounts": {
        "total": 5,
        "perPlatform": {
          "facebook": 2,
          "instagram": 2,
          "twitter": 1
        }
      },
    "teamMembers": 3,
    "posting": {
      "postsPerDay": 10,
      "bulkScheduling": true,
      "autoScheduling": false
    },
    "analytics": {
        "reportTypes": ["basic", "advanced"],
        "exportFormats": ["pdf", "csv"],
        "retentionDays": 30
    },
    "support": "email",
    "additional": {
        "customBranding": false,
        "apiAccess": false,
        "contentCalendar": true,
        "hashtagManager": true
    }
    },
    "recommended": false,
    "category": "basic"
}"""

# SOCIOX "update both features".
BOTH_FEATURES: dict[str, Any] = {
    "features": {
        "socialAccounts": {
            "total": 15,
            "perPlatform": {"facebook": 5, "instagram": 5, "twitter": 5},
        },
        "teamMembers": 10,
        "posting": {"postsPerDay": 50, "bulkScheduling": True, "autoScheduling": True},
        "analytics": {
            "reportTypes": ["basic", "advanced"],
            "exportFormats": ["pdf", "csv"],
            "retentionDays": 90,
        },
        "support": "priority",
    },
    "customFeatures": [
        "White label reports",
        "Custom URL shortener",
        "Advanced team permissions",
    ],
}

PREMIUM: dict[str, Any] = msgspec.json.decode(PREMIUM_TEXT)
BASIC: dict[str, Any] = msgspec.json.decode(BASIC_TEXT)


def plan(**changes: Any) -> dict[str, Any]:
    """The document's `premium` with some fields changed; None leaves one out."""
    fields = {**PREMIUM, **changes}
    return {name: value for name, value in fields.items() if value is not None}


async def create(api: Api, token: str, **changes: Any) -> dict[str, Any]:
    """A new plan as it is answered."""
    reply = await api.post(PLANS, plan(**changes), token=token)
    assert reply.status == 201, reply
    return dict(reply.body["data"])


async def change(
    api: Api, path: str, plan_id: str, body: Any, token: str, method: str = "PUT"
) -> Reply:
    """What a change of a plan is answered."""
    return await api.call(method, f"{path}/{plan_id}", body, token=token)
