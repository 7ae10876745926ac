"""FORUM and FORUM-OLD: what they answer, to whom, what comes in and what goes out."""

from handlers.bodies import MissingFields
from handlers.forum.pictures import (
    CreatePicture,
    CreatePictureHandler,
    GetPicture,
    GetPictureHandler,
    PostPictureHandler,
)
from handlers.forum.posts import (
    CreatePost,
    CreatePostHandler,
    DeletePost,
    DeletePostHandler,
    FeedHandler,
    FeedPage,
    LikePost,
    LikePostHandler,
)
from handlers.forum.profile import ProfileChanges, ProfileHandler
from handlers.forum.replies import ReplyHandler, ReplyToPost
from handlers.forum.sign_in import (
    Credentials,
    LoginHandler,
    Logout,
    LogoutHandler,
    NewAccess,
    Refresh,
    RefreshHandler,
    RegisterHandler,
)
from handlers.forum.sleep_records import (
    SleepRecord,
    SleepRecordQuery,
    SleepRecordsHandler,
    WhichSleepRecord,
)
from handlers.forum.verification import (
    CodeSent,
    SendCode,
    SendCodeHandler,
    VerifyCode,
    VerifyCodeHandler,
)
from handlers.forum.views import (
    Feed,
    Liked,
    Message,
    PictureUploaded,
    PictureView,
    PostCreated,
    ProfileView,
    Replies,
    SleepRecordView,
    TokenPair,
)
from handlers.routing import MIB, PUBLIC, SIGNED_IN, Route
from services.access.errors import LastSuperadmin
from services.accounts.registration import PhoneTaken
from services.accounts.sessions import InvalidRefreshToken
from services.accounts.sign_in import InactiveAccount, InvalidCredentials
from services.accounts.verification import UserExists
from services.errors import Throttled
from services.forum.errors import PostNotFound
from services.forum.posts import NotYourPost, PictureNotFound
from services.forum.sleep_records import SleepRecordNotFound

_WITH_PICTURE = 8 * MIB
_IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
_OLD_PICTURE = "/api/forum/post_pictures/{postid}/{picture_index}/"

# LogoutHandler takes either of two tokens and looks for them itself.
_ACCOUNTS = (
    Route(
        "POST",
        "/api/register/",
        RegisterHandler,
        PUBLIC,
        Credentials,
        Message,
        status=201,
        errors=(PhoneTaken, MissingFields),
    ),
    Route(
        "POST",
        "/api/login/",
        LoginHandler,
        PUBLIC,
        Credentials,
        TokenPair,
        errors=(InvalidCredentials, InactiveAccount, Throttled),
    ),
    Route(
        "POST",
        "/api/token/refresh/",
        RefreshHandler,
        PUBLIC,
        Refresh,
        NewAccess,
        errors=(InvalidRefreshToken, MissingFields),
    ),
    Route(
        "POST",
        "/api/send_verification_code/",
        SendCodeHandler,
        PUBLIC,
        SendCode,
        CodeSent,
        errors=(UserExists, Throttled),
    ),
    Route(
        "POST",
        "/api/verify-code/",
        VerifyCodeHandler,
        PUBLIC,
        VerifyCode,
        TokenPair,
        errors=(UserExists,),
    ),
    Route(
        "POST",
        "/api/logout/",
        LogoutHandler,
        PUBLIC,
        Logout,
        Message,
        errors=(InvalidRefreshToken,),
    ),
    Route("GET", "/api/user/", ProfileHandler, SIGNED_IN, answer=ProfileView),
    Route(
        "PUT",
        "/api/user/",
        ProfileHandler,
        SIGNED_IN,
        ProfileChanges,
        ProfileView,
        max_body_bytes=_WITH_PICTURE,
    ),
    Route(
        "DELETE", "/api/user/", ProfileHandler, SIGNED_IN, answer=Message, errors=(LastSuperadmin,)
    ),
)

_FORUM = (
    Route("POST", "/api/forum/posts/", FeedHandler, SIGNED_IN, FeedPage, Feed),
    Route(
        "POST",
        "/api/forum/get_picture/",
        GetPictureHandler,
        SIGNED_IN,
        GetPicture,
        PictureView,
        errors=(PictureNotFound,),
    ),
    Route(
        "POST",
        _OLD_PICTURE,
        PostPictureHandler,
        SIGNED_IN,
        answer=PictureView,
        errors=(PictureNotFound,),
    ),
    Route(
        "GET",
        _OLD_PICTURE,
        PostPictureHandler,
        SIGNED_IN,
        media_types=_IMAGES,
        errors=(PictureNotFound,),
    ),
    Route(
        "POST",
        "/api/forum/create_post/",
        CreatePostHandler,
        SIGNED_IN,
        CreatePost,
        PostCreated,
        status=201,
    ),
    Route(
        "POST",
        "/api/forum/create_picture/",
        CreatePictureHandler,
        SIGNED_IN,
        CreatePicture,
        PictureUploaded,
        status=201,
        max_body_bytes=_WITH_PICTURE,
    ),
    Route(
        "POST",
        "/api/forum/like_post/",
        LikePostHandler,
        SIGNED_IN,
        LikePost,
        Liked,
        errors=(PostNotFound,),
    ),
    Route(
        "POST",
        "/api/forum/reply_post/",
        ReplyHandler,
        SIGNED_IN,
        ReplyToPost,
        Replies,
        errors=(PostNotFound,),
    ),
    Route(
        "POST",
        "/api/forum/delete_post/",
        DeletePostHandler,
        SIGNED_IN,
        DeletePost,
        Message,
        errors=(NotYourPost, PostNotFound),
    ),
    Route(
        "DELETE",
        "/api/forum/delete_post/",
        DeletePostHandler,
        SIGNED_IN,
        DeletePost,
        Message,
        errors=(NotYourPost, PostNotFound),
    ),
    Route(
        "GET", "/api/sleep-records/", SleepRecordsHandler, SIGNED_IN, answer=list[SleepRecordView]
    ),
    Route(
        "POST",
        "/api/sleep-records/",
        SleepRecordsHandler,
        SIGNED_IN,
        SleepRecord,
        SleepRecordView,
        status=201,
    ),
    Route(
        "DELETE",
        "/api/sleep-records/",
        SleepRecordsHandler,
        SIGNED_IN,
        WhichSleepRecord,
        Message,
        query=SleepRecordQuery,
        errors=(SleepRecordNotFound,),
    ),
)

ROUTES = (*_ACCOUNTS, *_FORUM)
